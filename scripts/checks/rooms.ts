import { isSource, readImports, type Import } from './imports.js';
import type { Check } from './repository.js';

/**
 * Which room of src/ may know which: `name` its values and types, `type name` its types alone, `*` all. A file right under
 * src/ is a room of its own, by its name. Every room may know itself.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  model: [],
  crash: [],
  http: ['model'],
  aws: ['model'],
  duckdb: ['model'],
  secrets: ['model', 'duckdb', 'aws'],
  staging: ['model', 'duckdb', 'aws'],
  redaction: ['model', 'duckdb'],
  destinations: ['model', 'duckdb', 'crash'],
  clari: ['model', 'http', 'type secrets'],
  download: ['model', 'http'],
  telemetry: ['model', 'type secrets'],
  config: ['model', 'secrets', 'type redaction', 'type destinations'],
  activities: [
    ...['model', 'secrets', 'clari', 'download', 'staging', 'redaction', 'destinations', 'telemetry', 'type config'],
    'crash',
  ],
  workflows: ['model', 'type activities'],
  'leak-scan': ['model', 'duckdb'],
  testing: ['model'],
  client: ['model', 'type workflows'],
  'index.ts': ['model', 'client'],
  cli: ['*'],
  'cli.ts': ['*'],
  worker: ['*', 'not testing', 'not cli', 'not cli.ts', 'not worker.ts'],
  'worker.ts': ['*', 'not testing', 'not cli', 'not cli.ts'],
  'plugin.ts': ['activities', 'config', 'secrets', 'telemetry', 'worker'],
};

/** model/ is loaded by workflows and by everybody's code, so it may lean on nothing but these types. */
const packagesOfModel = ['type @temporalio/common'];

/** Imports between rooms that the table does not allow, and rooms that it does not know. */
export const checkArrows: Check = (files) => [
  ...unknownRooms(files.filter(isSource).map(({ path }) => path)),
  ...readImports(files).flatMap((each) => {
    const fault = each.isFile ? faultBetweenRooms(each) : faultOfPackage(each);
    return fault === undefined ? [] : [`${each.from}:${each.line}: ${fault}`];
  }),
];

/** Files of src/ that import each other in a circle, each circle named once. */
export const checkCycles: Check = (files) => {
  const next = new Map<string, string[]>();
  for (const { from, to, isFile } of readImports(files)) {
    if (isFile) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const faults: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start !== -1) faults.push(`${file}: imports itself by way of ${[...trail.slice(start + 1), file].join(' > ')}`);
    if (start !== -1 || done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return faults;
};

function roomOf(file: string): string {
  return file.split('/')[1] ?? file;
}

function unknownRooms(paths: readonly string[]): string[] {
  const unknown = new Set(paths.map(roomOf).filter((room) => !Object.hasOwn(arrows, room)));
  return [...unknown].map((room) => `src/${room}: is in no table of allowed arrows (scripts/checks/rooms.ts)`);
}

function faultBetweenRooms({ from, to, typeOnly }: Import): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  const allowed = arrows[here];
  if (!to.startsWith('src/')) return `${here} imports ${to}, which is outside src/`;
  if (allowed === undefined || here === there) return undefined;
  if (allowed.includes(`not ${there}`)) return `${here} may not import ${there}`;
  if (allowed.includes('*') || allowed.includes(there)) return undefined;
  if (!allowed.includes(`type ${there}`)) return `${here} may not import ${there}`;
  return typeOnly ? undefined : `${here} may import the types of ${there} only`;
}

function faultOfPackage({ from, to, typeOnly }: Import): string | undefined {
  if (roomOf(from) !== 'model' || packagesOfModel.includes(to)) return undefined;
  if (!packagesOfModel.includes(`type ${to}`)) return `model may not import ${to}`;
  return typeOnly ? undefined : `model may import the types of ${to} only`;
}
