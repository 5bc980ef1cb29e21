import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainFailure } from '../../src/client/explain-failure.js';
import { startForecastExport, type ExportForecastInput } from '../../src/client/start-forecast-export.js';
import { ExportError } from '../../src/model/export-error.js';
import { failures } from '../../src/model/failures.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('an export started by code has a speaking id and gives its receipt', async () => {
  const { client, taskQueue } = world;
  const handle = await startForecastExport(
    client,
    { forecastId: 'emea_bookings', timePeriod: '2027_Q1' },
    { taskQueue },
  );
  expect(handle.workflowId).toMatch(/^export-emea_bookings-2027_Q1-[0-9a-f]{8}$/);
  expect(await handle.result()).toMatchObject({ timePeriod: '2027_Q1', complete: true });
});

test('what ended an export is explained by the table of failures', async () => {
  const { client, taskQueue } = world;
  const handle = await startForecastExport(client, { forecastId: 'no_such' }, { taskQueue });
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { retry, exitCode, remedy } = failures.UnknownForecast;
  const explained = explainFailure(error);
  expect(explained).toMatchObject({ type: 'UnknownForecast', retry, exitCode, remedy });
  expect(explained?.message).toContain(remedy);
});

const unsent: readonly [string, unknown, string, RegExp][] = [
  [
    'a misspelt field',
    { forecastId: 'net_arr', timeperiod: '2027_Q2' },
    'InvalidInput',
    /timePeriod was probably meant/,
  ],
  ['a missing id', {}, 'InvalidInput', /forecastId/],
  ['a secret', { forecastId: 'net_arr', note: `apikey=${'x1'.repeat(20)}` }, 'SecretInInput', /nothing was sent/],
];
test.each(unsent)('a request with %s is refused before anything is sent', async (_, request, type, message) => {
  // Without a server behind it: a call would fail otherwise.
  const offline = undefined as unknown as Client;
  const refused = startForecastExport(offline, request as ExportForecastInput);
  await expect(refused).rejects.toMatchObject({ type, message: expect.stringMatching(message) as unknown });
});

test('what is no failure of the package is left unexplained', () => {
  for (const error of [undefined, 'text', new Error('foreign'), new CancelledFailure('cancelled')]) {
    expect(explainFailure(error)).toBeUndefined();
  }
  expect(explainFailure(ApplicationFailure.nonRetryable('theirs', 'TheirOwnType'))).toBeUndefined();
  expect(explainFailure(new ExportError('TokenRejected', 'No.'))).toMatchObject({ type: 'TokenRejected', exitCode: 3 });
});
