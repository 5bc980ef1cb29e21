import type { Window } from './stream.js';

export const sessionTypes = ['WEB', 'IOS', 'ANDROID'] as const;

export type SessionType = (typeof sessionTypes)[number];

/** Which audit events are asked for. Null: whatever it is. */
export interface AuditFilter extends Window {
  readonly actorId: string | null;
  readonly impersonatingActorId: string | null;
  readonly sessionId: string | null;
  readonly sessionType: SessionType | null;
  readonly event: string | null;
}
