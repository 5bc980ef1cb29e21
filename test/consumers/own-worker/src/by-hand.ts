import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from 'clari-temporal/activities';
import { dependenciesOf, makeParts, SecretMask, settingsFromEnvironment } from 'clari-temporal/worker';

const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
const settings = {
  ...settingsFromEnvironment(process.env),
  taskQueue: `${process.env.TASK_QUEUE ?? 'revenue'}-by-hand`,
};
const parts = await makeParts(settings, new SecretMask());
// Any port can be replaced here: { ...dependenciesOf(settings, parts, { connection }), staging: ... }
const dependencies = dependenciesOf(settings, parts, { connection });
const activities = createActivities(dependencies);
const { queues, staging } = dependencies;
try {
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue: queues.workflows,
      workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
      activities: activities.resolving,
    }),
    Worker.create({ connection, taskQueue: queues.account('default'), activities: activities.account }),
    Worker.create({ connection, taskQueue: queues.staging(staging.id), activities: activities.staging }),
    Worker.create({ connection, taskQueue: queues.cleanup(staging.id), activities: activities.cleanup }),
  ]);
  console.log('ready');
  await Promise.all(workers.map((worker) => worker.run()));
} finally {
  await connection.close();
  await parts.close();
}
