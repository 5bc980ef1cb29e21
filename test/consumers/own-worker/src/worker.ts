import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { ClariPlugin } from 'clari-temporal/plugin';
import * as activities from './activities.js';

const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
try {
  const worker = await Worker.create({
    connection,
    taskQueue: process.env.TASK_QUEUE ?? 'revenue',
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    activities,
    plugins: [new ClariPlugin()],
  });
  console.log('ready');
  await worker.run();
} finally {
  await connection.close();
}
