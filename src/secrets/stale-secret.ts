import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** A store is down, and the last value that it gave is used. */
export interface StaleSecret {
  /** Of the secret. */
  readonly reference: string;
  /** What happened, in one sentence or two; never a value. */
  readonly message: string;
}

// Secrets are made with the settings, before there is a logger, and used from all rooms.
const NAME = 'clari-temporal.stale-secret';
const stale = channel(NAME);

export function publishStale(secret: StaleSecret): void {
  stale.publish(secret);
}

/** Calls `tell` for every secret of this process, at most once a minute for each; the answer ends it. */
export function onStaleSecret(tell: (secret: StaleSecret) => void): () => void {
  const listener = (message: unknown): void => tell(message as StaleSecret);
  subscribe(NAME, listener);
  return () => {
    unsubscribe(NAME, listener);
  };
}
