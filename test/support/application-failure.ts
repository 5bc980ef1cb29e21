import { ApplicationFailure, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

type Failure = temporal.api.failure.v1.IFailure;

/** A failure as Temporal keeps it, in the form that programs get; undefined where an activity did not end by one of its own. */
export function applicationFailure(failure: Failure | null | undefined): ApplicationFailure | undefined {
  if (!failure) return undefined;
  const error = defaultFailureConverter.failureToError(failure, defaultPayloadConverter);
  return error instanceof ApplicationFailure ? error : undefined;
}

/** The wait that a failure names for itself, in milliseconds; the form that programs get leaves it out. */
export function ownDelayMs(failure: Failure | null | undefined): number | undefined {
  const delay = failure?.applicationFailureInfo?.nextRetryDelay;
  return delay ? Number(delay.seconds ?? 0) * 1000 + (delay.nanos ?? 0) / 1e6 : undefined;
}
