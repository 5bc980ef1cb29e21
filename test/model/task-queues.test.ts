import { expect, test } from 'vitest';
import { DEFAULT_TASK_QUEUE, taskQueues } from '../../src/model/task-queues.js';

test('the queue that people type is the base name itself', () => {
  expect(taskQueues(DEFAULT_TASK_QUEUE).workflows).toBe('clari');
});

test('each account and each staging volume has a queue of its own', () => {
  const queues = taskQueues('clari');
  const volumes = ['a', 'b'].flatMap((id) => [queues.staging(id), queues.cleanup(id)]);
  const names = [queues.workflows, queues.account('a'), queues.account('b'), ...volumes];
  expect(new Set(names).size).toBe(names.length);
  expect(queues.account('default')).toBe('clari-account-default');
  expect(queues.staging('7f3a')).toBe('clari-staging-7f3a');
  expect(queues.cleanup('7f3a')).toBe('clari-staging-7f3a-cleanup');
});

test('two deployments share no queue', () => {
  const [one, other] = [taskQueues('clari'), taskQueues('clari-test')];
  expect(one.account('default')).not.toBe(other.account('default'));
});
