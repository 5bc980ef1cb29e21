/** `npm run lock`, after a change to the dependencies: gives every optional package its entry in package-lock.json. */
import { readFile, writeFile } from 'node:fs/promises';
import { missingEntries, platformEntry, type LockFile } from './checks/lock-file.js';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(await readFile(path, 'utf8')) as LockFile;
for (const missing of missingEntries(lock)) {
  const entry = platformEntry(missing);
  if (entry) lock.packages[`node_modules/${missing.name}`] = entry;
  else process.stderr.write(`${missing.name}: its name tells no platform; add its entry by hand\n`);
}
const { '': root, ...others } = lock.packages;
const sorted = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1));
const packages = { '': root, ...Object.fromEntries(sorted) };
await writeFile(path, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
