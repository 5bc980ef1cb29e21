import type { LogEntry, Logger as TemporalLogger, LogLevel as TemporalLevel } from '@temporalio/worker';
import { DefaultLogger } from '@temporalio/worker';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { SecretMask } from './secret-mask.js';

export type { Logger } from 'pino';

/** JSON lines on standard output (or `to`), each passed through the mask as a whole. */
export function createLogger(level: string, mask: SecretMask, to: DestinationStream = process.stdout): Logger {
  const masked: DestinationStream = { write: (line) => to.write(mask.apply(line)) };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // pino's own would write the stack and the whole cause chain of an error.
      serializers: { err: shown },
      formatters: { level: (label) => ({ level: label }) },
    },
    masked,
  );
}

const levels: Readonly<Record<TemporalLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** The SDK's log lines through our logger. */
export function temporalLogger(logger: Logger): TemporalLogger {
  return new DefaultLogger('TRACE', (entry: LogEntry) => {
    const meta = Object.entries(entry.meta ?? {}).map(([name, value]: [string, unknown]) => [name, shown(value)]);
    logger[levels[entry.level]](Object.fromEntries(meta) as Record<string, unknown>, entry.message);
  });
}

/** An error in a log: type and message alone, without the cause chain, which may hold a foreign error's text. */
function shown(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const type = 'type' in value && typeof value.type === 'string' ? value.type : value.name;
  return { type, message: value.message };
}
