import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { readImports } from '../../scripts/checks/imports.js';
import { readRepository } from '../../scripts/checks/repository.js';
import { variables } from '../../src/config/variables.js';
import { TEMPORAL_CLI } from '../../src/testing/temporal/pins.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}
interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command: readonly string[];
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly volumes?: readonly (string | Mount)[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const document = parseDocument(read('docker-compose.yml'));
const { services, volumes } = document.toJS() as Compose;
const service = (name: string): Service => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
};
const dockerfile = read('Dockerfile');
const packageJson = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, object>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

/** `dist/a.js` is what the compiler makes of `src/a.ts`. */
const sourceOf = (compiled: string): string => compiled.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts');

describe('docker-compose.yml', () => {
  test('is YAML without an error or a warning', () => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    expect(Object.keys(services)).toEqual(['temporal', 'fake-clari', 'worker']);
  });

  test('every built service has its Dockerfile, and a command that the build makes', () => {
    const built = Object.values(services).filter(({ build }) => build !== undefined);
    expect(built).toHaveLength(2);
    for (const { build, command } of built) {
      expect(existsSync(path.join(root, build ?? '', 'Dockerfile'))).toBe(true);
      expect(command[0]).toBe('node');
      expect(existsSync(path.join(root, sourceOf(command[1] ?? '')))).toBe(true);
    }
  });

  test('the fake is started with a command and flags that the command line has', () => {
    const [, compiled = '', command = '', ...flags] = service('fake-clari').command;
    const help = spawnSync(process.execPath, ['--import', 'tsx', sourceOf(compiled), command, '--help'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(help.status, help.stderr).toBe(0);
    for (const flag of flags) expect(help.stdout).toContain(flag.split('=')[0]);
  });

  test('the server is of the version that everything is tested against', () => {
    expect(service('temporal').image).toBe(`temporalio/temporal:${TEMPORAL_CLI.version}`);
  });

  test('whoever waits for another waits for one that is there, tells its health, and may be left out if it is optional', () => {
    const waits = Object.values(services).flatMap((each) =>
      Object.entries(each.depends_on ?? {}).map(([name, wait]) => ({ each, other: service(name), wait })),
    );
    expect(waits).not.toHaveLength(0);
    for (const { each, other, wait } of waits) {
      expect(wait.condition).toBe('service_healthy');
      expect(other.healthcheck).toBeDefined();
      const optional = (other.profiles ?? []).some((profile) => !(each.profiles ?? []).includes(profile));
      expect(wait.required ?? true).toBe(!optional);
    }
  });

  test('every volume is declared and used, and the worker keeps its data on volumes', () => {
    const mounts = Object.values(services).flatMap((each) => each.volumes ?? []);
    const named = mounts.filter((mount) => typeof mount === 'string').map((mount) => mount.split(':'));
    expect(named.map(([name]) => name).sort()).toEqual(Object.keys(volumes).sort());
    const targets = named.map(([, target = '']) => target);
    const { CLARI_STAGING_DIR = '', CLARI_DESTINATION = '' } = service('worker').environment ?? {};
    expect(targets).toContain(CLARI_STAGING_DIR);
    expect(targets).toContain(path.posix.dirname(CLARI_DESTINATION.replace('duckdb:', '')));
    for (const target of [CLARI_STAGING_DIR, path.posix.dirname(CLARI_DESTINATION.replace('duckdb:', ''))]) {
      expect(dockerfile).toContain(` ${target}`);
    }
  });

  test('secrets are mounted read-only, as a folder that git does not take, and named by file', () => {
    const binds = (service('worker').volumes ?? []).filter((mount) => typeof mount !== 'string');
    expect(binds).toEqual([expect.objectContaining({ type: 'bind', source: './secrets', read_only: true })]);
    for (const secret of ['secrets/clari-api-key', service('worker').env_file ?? '']) {
      expect(spawnSync('git', ['check-ignore', '--quiet', secret], { cwd: root }).status, secret).toBe(0);
    }
    const files = Object.entries(service('worker').environment ?? {}).filter(([name]) => name.endsWith('_FILE'));
    expect(files.map(([, file]) => path.posix.dirname(file))).toEqual(files.map(() => binds[0]?.target));
    expect(files).not.toHaveLength(0);
  });

  test('the worker is given no variable that it does not know', () => {
    for (const name of Object.keys(service('worker').environment ?? {})) {
      if (name.startsWith('CLARI_')) expect(Object.keys(variables)).toContain(name);
      else expect(name).toBe('TEMPORAL_ADDRESS');
    }
  });

  test('nothing is open to other machines', () => {
    const ports = Object.values(services).flatMap((each) => each.ports ?? []);
    expect(ports).toEqual(['127.0.0.1:7233:7233', '127.0.0.1:8233:8233']);
  });
});

describe('Dockerfile', () => {
  test('starts the worker, not as root, on one version of Node that the package allows', () => {
    expect(dockerfile).toMatch(/\nUSER node\nCMD \["node", "dist\/worker\.js"\]\n$/);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(new Set(bases)).toEqual(new Set([`node:${packageJson.engines.node.replace('>=', '')}-bookworm-slim`]));
  });

  test('copies what exists and what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(new Set(copied)).toEqual(new Set(allowed));
    for (const name of copied) expect(existsSync(path.join(root, name)), name).toBe(true);
  });

  test('runs scripts that package.json has, and the build compiles and bundles', () => {
    const scripts = [...dockerfile.matchAll(/npm run (\S+)/g)].map(([, name = '']) => name);
    expect(scripts).toEqual(['build']);
    expect(packageJson.scripts.build).toContain('tsconfig.build.json');
    expect(packageJson.scripts.build).toContain('scripts/bundle-workflows.ts');
    expect(existsSync(path.join(root, 'scripts/bundle-workflows.ts'))).toBe(true);
    expect(packageJson.scripts.start).toBeDefined();
  });

  test('installs every package that the worker and the command line load', () => {
    const imports = readImports(readRepository(root)).filter(({ isFile, typeOnly, to }) => {
      return !isFile && !typeOnly && !to.startsWith('node:');
    });
    const names = imports.map(({ to }) =>
      to
        .split('/')
        .slice(0, to.startsWith('@') ? 2 : 1)
        .join('/'),
    );
    const installed = Object.keys({ ...packageJson.dependencies, ...packageJson.peerDependencies });
    // npm leaves a package out of `npm ci --omit=dev` as soon as it is named among devDependencies, peer or not.
    const optional = Object.keys(packageJson.peerDependenciesMeta ?? {});
    expect(dockerfile).toContain('npm pkg delete devDependencies peerDependenciesMeta');
    const omitted = Object.keys(packageJson.devDependencies ?? {}).filter((name) => !optional.includes(name));
    const missing = [...new Set(names)].filter((name) => !installed.includes(name) || omitted.includes(name));
    expect(missing).toEqual([]);
  });
});
