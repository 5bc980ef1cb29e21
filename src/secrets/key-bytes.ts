import { ExportError } from '../model/export-error.js';
import type { FailureType } from '../model/failures.js';
import type { Secret } from './port.js';

/** What UTF-8 decoding puts in the place of bytes that are no text. */
const LOST = '\uFFFD';

/**
 * The bytes of a key that is kept as text. Random bytes are refused: each that is no UTF-8 would become the same character, so that
 * a short key would pass as a long one, and two keys as one. Node decodes variables of the environment before anybody can look.
 * @param unusable the failure where it is no text
 * @throws ExportError `unusable`, `SecretUnavailable`
 */
export async function keyBytes(
  secret: Secret,
  unusable: Extract<FailureType, 'RedactionKeyUnusable' | 'SecretUnavailable'>,
): Promise<Buffer> {
  const text = await secret.read();
  if (!text.includes(LOST)) return Buffer.from(text, 'utf8');
  throw new ExportError(
    unusable,
    `The key ${secret.reference} is not UTF-8 text; keep a key there as text, as openssl rand -hex 32 gives it.`,
  );
}
