/**
 * A program for `node -e` that runs a server and takes it along when its own parent goes, however that one dies.
 *
 * The parent's end of the IPC channel closes with the parent, even on SIGKILL; no handler in the parent could promise that.
 * Plain JavaScript in a string, since it must run under a bare `node` from the sources and from dist/ alike.
 *
 * Arguments: how long to wait between SIGTERM and SIGKILL in milliseconds, the server's command, its arguments. It says
 * `{ pid }` of the server or `{ error }` to the parent, and exits as the server did.
 */
export const SUPERVISOR = `
const { spawn } = require('node:child_process');
const [graceMs, command, ...args] = process.argv.slice(1);
const server = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
const tell = (message) => { if (process.connected) process.send(message, () => {}); };
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), Number(graceMs)).unref();
};
server.on('spawn', () => tell({ pid: server.pid }));
server.on('error', (error) => { tell({ error: error.message }); process.exitCode = 1; if (process.connected) process.disconnect(); });
server.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 : 1)));
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('SIGHUP', end);
`;
