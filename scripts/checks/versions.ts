import type { Check } from './repository.js';

const SECTIONS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/** Packages of Temporal's SDK that are not all at one exact version: a mixture installs a second @temporalio/common. */
export const checkTemporalVersions: Check = (files) => {
  const file = files.find(({ path }) => path === 'package.json');
  if (file === undefined) return ['package.json: is missing'];
  const parsed = JSON.parse(file.text) as Record<string, Record<string, string> | undefined>;
  const asked = SECTIONS.flatMap((section) => Object.entries(parsed[section] ?? {})).filter(([name]) =>
    name.startsWith('@temporalio/'),
  );
  const faults = asked
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => `package.json: ${name} is asked for as ${version}, not as one exact version`);
  const versions = [...new Set(asked.map(([, version]) => version))];
  if (versions.length > 1) faults.push(`package.json: @temporalio/* is asked for in ${versions.join(' and ')}`);
  return faults;
};
