import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { ExecutablePin } from './pins.js';
import { readFromTar } from './tar.js';

/** Most machines that can't reach it are told so at once; one whose packets are dropped should not wait for long. */
const REACH_MS = 3_000;
const DOWNLOAD_MS = 10 * 60_000;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Fetches the executable from Temporal's own download service into `folder`, and returns its path; undefined where that can not
 * be reached or has none.
 *
 * The service is asked as Temporal's SDKs ask it for their test servers: it answers with the address of an archive and the
 * name of the file in it. It publishes no hash, so nothing of what it sends is trusted: the caller hashes the file.
 */
export async function downloadOfficial(
  pin: ExecutablePin,
  folder: string,
  env: NodeJS.ProcessEnv,
  platform: string,
): Promise<string | undefined> {
  const [system = '', processor = ''] = platform.split('-');
  const arch = ARCHITECTURES[processor];
  if (pin.officialUrl === undefined || arch === undefined) return undefined;
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: REACH_MS },
    ...proxiesOf(env),
  });
  try {
    const query = new URLSearchParams({ platform: system, arch, format: 'tar.gz' }).toString();
    const where = `${pin.officialUrl}/v${pin.version}?${query}`;
    const found = await fetch(where, { dispatcher, signal: AbortSignal.timeout(REACH_MS) });
    const answer: unknown = found.ok ? await found.json() : undefined;
    if (!isPlace(answer)) return undefined;
    const archive = await fetch(answer.archiveUrl, { dispatcher, signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (!archive.ok || !archive.body) return undefined;
    const file = path.join(folder, pin.command);
    const name = path.basename(answer.fileToExtract);
    // One pipeline: an error of the body that nobody listens to would end the process.
    await pipeline(
      Readable.fromWeb(archive.body),
      createGunzip(),
      (bytes: AsyncIterable<Buffer>) => readFromTar(bytes, name),
      createWriteStream(file, { mode: 0o755 }),
    );
    return file;
  } catch {
    // Whatever went wrong, there is another source, and it says what is the matter if it fails too.
    return undefined;
  } finally {
    await dispatcher.destroy();
  }
}

interface Place {
  readonly archiveUrl: string;
  readonly fileToExtract: string;
}

function isPlace(answer: unknown): answer is Place {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'archiveUrl' in answer &&
    typeof answer.archiveUrl === 'string' &&
    'fileToExtract' in answer &&
    typeof answer.fileToExtract === 'string'
  );
}

function proxiesOf(env: NodeJS.ProcessEnv): EnvHttpProxyAgent.Options {
  const [http, https, no] = (['http_proxy', 'https_proxy', 'no_proxy'] as const).map(
    (name) => env[name] ?? env[name.toUpperCase()],
  );
  return {
    ...(http ? { httpProxy: http } : {}),
    ...(https ? { httpsProxy: https } : {}),
    ...(no ? { noProxy: no } : {}),
  };
}
