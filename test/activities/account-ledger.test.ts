import {
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { createAccountLedger, type AccountLedger } from '../../src/activities/account-ledger.js';
import { taskQueues } from '../../src/model/task-queues.js';

/** Updates as they arrive at a server that answers when it is told to. */
class Server {
  readonly waiting: { readonly account: string; answer: () => void; refuse: (error?: Error) => void }[] = [];

  readonly client = {
    withDeadline: <T>(_deadline: number, call: () => Promise<T>) => call(),
    workflow: {
      executeUpdateWithStart: (_update: string, { args: [input] }: { args: [{ requester: string }] }) =>
        new Promise((resolve, reject) => {
          const refuse = (error = new Error('refused')): void => reject(error);
          this.waiting.push({ account: input.requester, answer: () => resolve(null), refuse });
        }),
    },
  } as unknown as Client;
}

/** As gRPC's client throws it. */
const grpcError = (code: number): Error => Object.assign(new Error('gRPC'), { code, details: '', metadata: {} });

const queues = taskQueues('clari');
const find = (ledger: AccountLedger, account: string, environment = new MockActivityEnvironment()): Promise<unknown> =>
  environment.run(() => ledger.find(account, { requester: account }));
/** Until all that can happen without the server has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the ledger as activities talk to it', () => {
  test('sends one update to an account at a time, however many runs ask, whatever becomes of it', async () => {
    const server = new Server();
    const ledger = createAccountLedger(server.client, queues);
    const asked = Array.from({ length: 30 }, () => find(ledger, 'emea'));
    const ends = Promise.allSettled(asked);
    for (let number = 1; number <= asked.length; number += 1) {
      await settled();
      expect(server.waiting).toHaveLength(number);
      const last = server.waiting.at(-1);
      if (number % 3 === 0) last?.refuse();
      else last?.answer();
    }
    expect((await ends).filter(({ status }) => status === 'rejected')).toHaveLength(10);
  });

  test.each<{ title: string; error: Error; says: string }>([
    { title: 'Temporal is away', error: new ServiceError('away', { cause: grpcError(14) }), says: '(gRPC status 14)' },
    { title: 'nobody answers', error: new WorkflowUpdateRPCTimeoutOrCancelledError('late'), says: 'in time' },
    { title: 'a stranger does', error: new WorkflowUpdateFailedError('no such update', undefined), says: 'refused' },
  ])('tells of itself as unavailable where $title', async ({ error, says }) => {
    const server = new Server();
    const asked = find(createAccountLedger(server.client, queues), 'emea');
    await settled();
    server.waiting[0]?.refuse(error);
    await expect(asked).rejects.toMatchObject({
      type: 'LedgerUnavailable',
      message: expect.stringContaining(says) as unknown,
    });
  });

  test('hides no fault of its own behind that', async () => {
    const server = new Server();
    const asked = find(createAccountLedger(server.client, queues), 'emea');
    await settled();
    server.waiting[0]?.refuse();
    await expect(asked).rejects.toThrow('refused');
  });

  test('lets no account wait for another one', async () => {
    const server = new Server();
    const ledger = createAccountLedger(server.client, queues);
    const asked = ['emea', 'apac'].map((account) => find(ledger, account));
    await settled();
    expect(server.waiting.map(({ account }) => account)).toEqual(['emea', 'apac']);
    server.waiting.forEach(({ answer }) => answer());
    await Promise.all(asked);
  });

  test('sends nothing for an activity that was cancelled while it waited', async () => {
    const server = new Server();
    const ledger = createAccountLedger(server.client, queues);
    const first = find(ledger, 'emea');
    const environment = new MockActivityEnvironment();
    const second = find(ledger, 'emea', environment);
    await settled();
    environment.cancel('NOT_FOUND');
    await expect(second).rejects.toThrow();
    server.waiting[0]?.answer();
    await first;
    await settled();
    expect(server.waiting).toHaveLength(1);
  });
});
