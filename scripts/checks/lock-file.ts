import type { Check } from './repository.js';
import { find } from './texts.js';

/** The parts of a package-lock.json (version 3) that are looked at here. */
export interface LockFile {
  readonly packages: Record<string, LockEntry>;
}

export interface LockEntry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface MissingEntry {
  readonly name: string;
  readonly version: string;
}

/**
 * Optional packages that another one names and that have no entry. npm leaves one out when the registry does not answer for it
 * at that moment (a package for another platform, mostly), and `npm ci` then refuses the whole file.
 */
export function missingEntries({ packages }: LockFile): MissingEntry[] {
  return Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !packages[`node_modules/${name}`] && !packages[`${place}/node_modules/${name}`])
      .map(([name, version]) => ({ name, version })),
  );
}

const systems = ['darwin', 'win32', 'linux', 'freebsd', 'android', 'openharmony'];
const processors: Readonly<Record<string, string>> = {
  arm64: 'arm64',
  x64: 'x64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/** The entry of a package for one platform, as its name tells it; undefined where the name tells no platform. */
export function platformEntry({ name, version }: MissingEntry): LockEntry | undefined {
  const words = name.split(/[/-]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = words.map((word) => processors[word]).find((processor) => processor !== undefined);
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+/.test(version)) return undefined;
  const libc = words.includes('musl') ? { libc: ['musl'] } : {};
  return { version, optional: true, os: [os], cpu: [cpu], ...libc };
}

const isLockFile = ({ path }: { readonly path: string }): boolean => path.endsWith('package-lock.json');

/** A lock file that `npm ci` would refuse, or that names somebody's registry, which everyone who installs would then ask. */
export const checkLockFile: Check = (files) => [
  ...find(files.filter(isLockFile), [{ what: 'the address of a registry', pattern: /"resolved": "http/ }]),
  ...files
    .filter(isLockFile)
    .flatMap(({ path, text }) =>
      missingEntries(JSON.parse(text) as LockFile).map(
        ({ name }) => `${path}: has no entry for ${name}, and npm ci would refuse it: npm run lock`,
      ),
    ),
];
