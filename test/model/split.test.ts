import { expect, test } from 'vitest';
import { partRequester, runOf } from '../../src/model/split.js';

test.each(['export-1', 'nightly/export-1', 'a#b', 'a/b#quota', '#', 'a-2027-05-04T05:00:00Z'])(
  'the run behind a requester is found, of a whole and of a part: %s',
  (workflowId) => {
    const requester = `${workflowId}/0b7c0b52-6f3c-4c7e-9d53-0a1b2c3d4e5f`;
    const run = { workflowId, firstRunId: '0b7c0b52-6f3c-4c7e-9d53-0a1b2c3d4e5f' };
    expect(runOf(requester)).toEqual(run);
    expect(runOf(partRequester(requester, 'crm_total'))).toEqual(run);
  },
);
