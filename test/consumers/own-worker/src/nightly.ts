import { Client, Connection } from '@temporalio/client';
import { startForecastExport, type Receipt } from 'clari-temporal';
import type { nightly } from './workflows.js';

const taskQueue = process.env.TASK_QUEUE ?? 'revenue';
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
try {
  const client = new Client({ connection });
  const handle = await startForecastExport(client, { forecastId: 'net_arr', timePeriod: '2027_Q2' }, { taskQueue });
  const receipt: Receipt = await handle.result();
  const announced = await client.workflow.execute<typeof nightly>('nightly', {
    taskQueue,
    workflowId: `${taskQueue}-nightly`,
    args: [[{ forecastId: 'renewals', timePeriod: '2027_Q2' }, { forecastId: 'no_such_forecast' }]],
  });
  console.log(JSON.stringify({ workflowId: handle.workflowId, receipt, announced }));
} finally {
  await connection.close();
}
