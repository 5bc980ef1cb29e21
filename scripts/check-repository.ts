/** Checks that no linter makes: what may not stand in a tracked file, and how the rooms of src/ may know each other. */
import { checkLockFile } from './checks/lock-file.js';
import { readRepository, type Check } from './checks/repository.js';
import { checkArrows, checkCycles } from './checks/rooms.js';
import { checkSizes } from './checks/sizes.js';
import { checkMachinePaths, checkSecrets } from './checks/texts.js';
import { checkTemporalVersions } from './checks/versions.js';

const checks: readonly Check[] = [
  checkMachinePaths,
  checkLockFile,
  checkSecrets,
  checkSizes,
  checkCycles,
  checkArrows,
  checkTemporalVersions,
];

const files = readRepository(process.argv[2] ?? process.cwd());
const faults = checks.flatMap((check) => check(files));
for (const fault of faults) console.error(fault);
console.log(`${files.length} files checked, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
