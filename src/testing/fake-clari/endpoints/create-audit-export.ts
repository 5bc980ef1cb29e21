import type { Handler } from '../exchange.js';
import { GivenFields, auditErrors, auditFilter } from './audit-query.js';
import { jsonBody } from './json-body.js';
import { submitJob } from './submit-job.js';

/** `POST /export/audit/events`, with or without a body. */
export const createAuditExport: Handler = async (exchange) => {
  const { fields: given } = await jsonBody(exchange);
  if (given === undefined) return auditErrors([{ target: 'body', message: 'the body must be a JSON object' }]);
  const fields = new GivenFields(given);
  const request = auditFilter(fields, exchange.world.settings.now());
  return fields.faults.length > 0 ? auditErrors(fields.faults) : submitJob(exchange, { kind: 'audit', request }, 202);
};
