import type { Contradiction, GivenRule, Tenant } from './given-rule.js';
import type { FaultOf } from './kinds.js';
import { badShortage } from './quota.js';
import { unreachable } from './reach.js';

/** Why a rule can never strike, contradicts itself, or would leave a client waiting for ever. */
export const contradictions = (rule: GivenRule, tenant: Tenant): readonly Contradiction[] => [
  ...unreachable(rule, tenant),
  ...ofKind(rule, tenant),
];

function ofKind(rule: GivenRule, { dialect }: Tenant): readonly Contradiction[] {
  const { fault, probability } = rule;
  switch (fault.kind) {
    case 'quota-reached':
      return badShortage(rule, fault);
    case 'job':
      return badEnd(fault);
    case 'job-list-lag': {
      const message = 'must be 1 beside inLimits, which every look at the limits sees; leave one of them out';
      return fault.inLimits && probability < 1 ? [{ path: ['probability'], message }] : [];
    }
    case 'expire-links': {
      const message = 'expire-links never strikes: the published dialect gives out no links; take the brief one';
      return dialect === 'published' ? [{ path: ['fault', 'kind'], message }] : [];
    }
    case 'wrong-length': {
      const message = 'must not be 0, which is the true length; give how many bytes too many, or too few';
      return fault.by === 0 ? [{ path: ['fault', 'by'], message }] : [];
    }
    default:
      return [];
  }
}

function badEnd({ end, rowsTruncated, cellsTruncated }: FaultOf<'job'>): readonly Contradiction[] {
  const truncated = rowsTruncated ? 'rowsTruncated' : cellsTruncated ? 'cellsTruncated' : undefined;
  if (end !== 'done')
    return truncated === undefined
      ? []
      : [{ path: ['fault', truncated], message: 'is for jobs that end done; leave it out, or the end' }];
  const message = 'done alone makes a job like any other; give another end, rowsTruncated or cellsTruncated';
  return truncated === undefined ? [{ path: ['fault', 'end'], message }] : [];
}
