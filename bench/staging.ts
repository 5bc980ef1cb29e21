/**
 * What sealing costs staging: `npm run bench:staging [-- --mb 500] [--rounds 3]`.
 *
 * Writes a file piece by piece as a download does, and reads it back checked, sealed and in the clear in turn; both hash what
 * passes and sync what they wrote. Prints the best of the rounds.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { openLocalStaging } from '../src/staging/local.js';

const { values } = parseArgs({
  options: { mb: { type: 'string', default: '500' }, rounds: { type: 'string', default: '3' } },
});
const MB = 1e6;
/** What a download writes at once. */
const PIECE = 256 * 1024;
const pieces = Math.ceil((Number(values.mb) * MB) / PIECE);
// Neither the cipher nor the hash cares what the bytes are.
const piece = randomBytes(PIECE);

interface Way {
  write(): Promise<void>;
  read(): Promise<void>;
}

async function sealedWay(folder: string): Promise<Way> {
  const area = await openLocalStaging(folder);
  const wrapping = randomBytes(32);
  const run = area.run({
    runKey: 'bench',
    workflowId: 'bench',
    namespace: 'default',
    epoch: 1,
    wrapping: () => Promise.resolve(wrapping),
  });
  let reference: Awaited<ReturnType<typeof run.produce>>;
  return {
    async write() {
      const file = await run.partial('raw');
      await file.restart(undefined);
      for (let at = 0; at < pieces; at++) await file.append(piece);
      reference = await file.complete();
    },
    async read() {
      await finished((await run.read(reference)).resume());
    },
  };
}

function clearWay(path: string): Way {
  return {
    async write() {
      const hash = createHash('sha256');
      const file = await open(path, 'w', 0o600);
      for (let at = 0; at < pieces; at++) {
        await file.appendFile(piece);
        hash.update(piece);
      }
      hash.digest();
      await file.sync();
      await file.close();
    },
    async read() {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
      hash.digest();
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), 'staging-bench-'));
try {
  const ways = { sealed: await sealedWay(join(folder, 'sealed')), 'in the clear': clearWay(join(folder, 'clear')) };
  const best = new Map<string, number>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const step of ['write', 'read'] as const) {
      for (const [name, way] of Object.entries(ways)) {
        const since = performance.now();
        await way[step]();
        const took = (performance.now() - since) / 1000;
        best.set(`${step} ${name}`, Math.min(took, best.get(`${step} ${name}`) ?? Infinity));
      }
    }
  }
  const speed = (what: string): number => (pieces * PIECE) / MB / (best.get(what) ?? NaN);
  for (const step of ['write', 'read']) {
    const [sealed, clear] = [speed(`${step} sealed`), speed(`${step} in the clear`)];
    const ratio = (sealed / clear).toFixed(2);
    console.log(`${step.padEnd(6)} sealed ${sealed.toFixed(0)} MB/s, in the clear ${clear.toFixed(0)} MB/s: ${ratio}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
