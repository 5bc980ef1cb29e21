import { ClariError } from '../clari/clari-error.js';

/**
 * Clari has one code for a wrong id, an unfinished job and, as far as is known, an expired file; and a tenant that gives links has
 * no results endpoint, where its job has no link.
 */
export const isAboutResult = (error: unknown): error is ClariError =>
  error instanceof ClariError && ['ExportExpired', 'EndpointNotFound', 'AccessDenied'].includes(error.type);
