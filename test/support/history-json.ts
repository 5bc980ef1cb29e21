// Generated CommonJS, of which Node sees no named exports.
import proto, { type temporal } from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
export type History = temporal.api.history.v1.IHistory;

/**
 * A history as plain JSON, and back. The SDK's own pair of functions works only where npm puts all of its packages beside one
 * copy of protobufjs.
 */
export function toPlain(history: History): Record<string, unknown> {
  return History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String });
}

export function fromPlain(plain: unknown): History {
  return History.fromObject(plain as Record<string, unknown>);
}
