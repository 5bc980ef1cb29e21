import { DuckDBInstance, blobValue, type DuckDBConnection } from '@duckdb/node-api';
import { closedOptions, type DuckDbLimits } from '../duckdb/options.js';
import { ExportError } from '../model/export-error.js';

/** Values for a statement's `$name` parameters; only those that its text names are bound. */
export type Parameters = Readonly<Record<string, Uint8Array>>;
type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * One DuckDB in memory for one redaction. Every error of DuckDB's ends here: its texts carry cell values, so what is thrown
 * instead says what was being done, in our words.
 */
export class DuckDbSession {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal;
  readonly #interrupt: () => void;

  /** Whether rows are written in the order in which they are read. */
  readonly keepsOrder: boolean;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    { signal, keepsOrder }: { readonly signal: AbortSignal; readonly keepsOrder: boolean },
  ) {
    this.#instance = instance;
    this.keepsOrder = keepsOrder;
    this.#connection = connection;
    this.#signal = signal;
    this.#interrupt = () => connection.interrupt();
    signal.addEventListener('abort', this.#interrupt);
  }

  /** @param limits Rows are in no order unless it says so. */
  static async open(limits: DuckDbLimits, signal: AbortSignal): Promise<DuckDbSession> {
    signal.throwIfAborted();
    const keepsOrder = limits.preserveInsertionOrder ?? false;
    let instance: DuckDBInstance | undefined;
    try {
      instance = await DuckDBInstance.create(
        ':memory:',
        closedOptions({ ...limits, preserveInsertionOrder: keepsOrder }),
      );
      const connection = await instance.connect();
      // DuckDB guesses how many rows a file of JSON has, and may hold all of them in memory to join a small table to them: the
      // right side of a join is what is held.
      await connection.run("SET disabled_optimizers = 'build_side_probe_side'");
      return new DuckDbSession(instance, connection, { signal, keepsOrder });
    } catch (error) {
      instance?.closeSync();
      throw scrubbed(error, 'opening DuckDB');
    }
  }

  /** Runs a statement; the number of rows it wrote. `doing` goes into error messages. */
  async run(doing: string, sql: string, parameters: Parameters = {}): Promise<number> {
    return this.#guarded(doing, async () => (await this.#connection.run(sql, bindings(sql, parameters))).rowsChanged);
  }

  /** Few rows, as JSON values (wide numbers as text). */
  async rows(doing: string, sql: string, parameters: Parameters = {}): Promise<Row[]> {
    return this.#guarded(doing, async () => {
      const reader = await this.#connection.runAndReadAll(sql, bindings(sql, parameters));
      return reader.getRowObjectsJson() as Row[];
    });
  }

  /** The first row. */
  async row(doing: string, sql: string, parameters: Parameters = {}): Promise<Row> {
    return (await this.rows(doing, sql, parameters))[0] ?? {};
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#interrupt);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #guarded<T>(doing: string, action: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      this.#signal.throwIfAborted();
      throw scrubbed(error, doing);
    }
  }
}

function bindings(sql: string, parameters: Parameters) {
  const used = Object.entries(parameters).filter(([name]) => new RegExp(`\\$${name}\\b`).test(sql));
  return Object.fromEntries(used.map(([name, bytes]) => [name, blobValue(bytes)]));
}

/** A statement of ours that refuses a value ends with this text (`error('…')` in SQL). */
export const REJECTION = 'clari-temporal: value rejected';

/** Thrown for our own `error()` in a statement: whoever ran it finds out which value. */
export class RejectionSeen extends Error {
  override readonly name = 'RejectionSeen';
}

/** What DuckDB's texts begin with. What comes after it may be a cell, and so may any other beginning. */
const classes = [
  'Binder',
  'Catalog',
  'Constraint',
  'Conversion',
  'Dependency',
  'Divide by Zero',
  'Executor',
  'FATAL',
  'INTERNAL',
  'INTERRUPT',
  'Internal',
  'Invalid',
  'Invalid Configuration',
  'Invalid Input',
  'Invalid Type',
  'IO',
  'Mismatch Type',
  'Not implemented',
  'Object Size',
  'Out of Memory',
  'Out of Range',
  'Parameter Not Resolved',
  'Parser',
  'Permission',
  'Serialization',
  'Syntax',
  'TransactionContext',
  'Unknown Type',
];

/** Our error for one of DuckDB's: its class at most, nothing of its text. */
function scrubbed(error: unknown, doing: string): Error {
  const text = error instanceof Error ? error.message.replace(/^Failed to extract statements: /, '') : '';
  const kind = classes.find((name) => text.startsWith(`${name} Error: `)) ?? 'unknown';
  // Told by what the text begins with: further on there may be cells.
  const said = text.slice(`${kind} Error: `.length);
  if (kind === 'Invalid Input' && said.startsWith(REJECTION)) return new RejectionSeen('A value was rejected.');
  if (kind !== 'unknown' && /^"?(?:malformed json|json transform error|maximum_object_size)/i.test(said)) {
    return new ExportError('FileMalformed', `The file holds a record that is not valid JSON (found while ${doing}).`);
  }
  if (kind === 'IO') {
    return new ExportError(
      'StagingUnavailable',
      `The staging folder can not be read or written (found while ${doing}).`,
    );
  }
  if (kind === 'Out of Memory') {
    return new ExportError('Unexpected', `DuckDB's memory limit was too low for ${doing}.`);
  }
  return new ExportError('Unexpected', `DuckDB failed while ${doing} (class: ${kind}).`);
}
