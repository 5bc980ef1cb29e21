import { keyMark } from './key-blocks.js';
import type { Redactor } from './port.js';
import { RedactionWork, type RedactorOptions } from './redaction-work.js';
import { splitFile, type SplitFile } from './split-file.js';
import { writeTables } from './write-tables.js';

/** @throws ExportError `PolicyRefused` for an unusable policy, `RedactionKeyUnusable` for a missing key */
export function createRedactor(options: RedactorOptions): Redactor {
  const work = new RedactionWork(options);
  const { policy, key, mark, limits } = work;

  return {
    policyMark: mark,
    keyMark: async () => (key === undefined ? null : keyMark(key)),
    redact: (input) =>
      work.run(input.onProgress, async ({ blocks, enter, onBytes }) => {
        const { signal, scratch } = input;
        const files: SplitFile[] = [];
        try {
          let before = 0;
          for (const open of input.files) {
            const file = await splitFile(open, { signal, scratch, onBytes: (bytes) => onBytes(before + bytes) });
            files.push(file);
            before += file.split.bytes;
          }
          return await writeTables({ input, policy, files, blocks, enter, limits });
        } finally {
          for (const { pieces } of files) await pieces.close();
        }
      }),
  };
}
