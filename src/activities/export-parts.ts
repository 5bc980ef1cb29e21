import { Context } from '@temporalio/activity';
import { ClariError } from '../clari/clari-error.js';
import { ExportError } from '../model/export-error.js';
import { failures } from '../model/failures.js';
import { typesAsked, type ExportType } from '../model/request.js';
import { partRequest, partRequester } from '../model/split.js';
import type { ExportPartsInput, FinishedPart, FinishedParts } from '../model/steps.js';
import { endedJob } from './await-export.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import { attempt, type Attempt } from './guarded.js';
import { Creation } from './start-export.js';

/**
 * Exports each type of a truncated export by itself: makes the jobs, as many at once as Clari takes, and answers when all are
 * finished; until then each attempt says "not yet". One activity for all, since two for each would make the history a large one.
 */
export function exportParts(dependencies: ActivityDependencies) {
  return (input: ExportPartsInput): Promise<FinishedParts> =>
    attempt((running) => new Parts(dependencies, connectionOf(dependencies, input), input, running).finished());
}

/** In place of a job's id: the tenant exports no such type. */
const REFUSED = 'refused';

class Parts {
  /** The next attempts find them in the heartbeat's details, so that another look costs the ledger nothing. */
  private readonly jobIds: Map<ExportType, string>;
  /** Reasons why another attempt is needed. */
  private readonly notYet: ExportError[] = [];

  constructor(
    private readonly dependencies: ActivityDependencies,
    private readonly connection: Connection,
    private readonly input: ExportPartsInput,
    private readonly running: Attempt,
  ) {
    this.jobIds = jobIdsIn(Context.current().info.heartbeatDetails, typesAsked(input.request));
  }

  async finished(): Promise<FinishedParts> {
    const types = typesAsked(this.input.request);
    for (const type of types) {
      // What keeps one part waiting keeps the next ones too.
      if (this.notYet.length === 0 && !this.jobIds.has(type)) await this.step(type, () => this.begin(type));
    }
    const parts: FinishedPart[] = [];
    for (const [type, jobId] of this.jobIds) {
      if (jobId === REFUSED) continue;
      await this.step(type, async () => void parts.push({ ...(await this.ended(type, jobId)), type }));
    }
    const [wait, ...waits] = this.notYet;
    if (wait) throw soonest(wait, waits);
    const warnings = new Set<string>();
    for (const { type } of parts) (await this.settle(type)).forEach((warning) => warnings.add(warning));
    const refused = types.filter((type) => this.jobIds.get(type) === REFUSED);
    if (refused.length > 0) warnings.add(`This tenant refuses the type(s) ${refused.join(', ')}; left out.`);
    return { parts: parts.sort((a, b) => a.capturedAt.localeCompare(b.capturedAt)), warnings: [...warnings] };
  }

  /** Says of which type a failure is, and keeps one that is none for later: meanwhile the other types go on. */
  private async step(type: ExportType, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      const named = withDelay(error, `Of the type ${type}, exported by itself: ${error.message}`, error.retryAfterMs);
      if (failures[error.type].retry !== 'poll') throw named;
      this.notYet.push(named);
    }
  }

  /** Makes the job of a type, or finds the one that it has. */
  private async begin(type: ExportType): Promise<void> {
    const { dependencies, connection, running } = this;
    const { request, exportId, ...rest } = this.input;
    const requester = partRequester(rest.requester, type);
    const wanted = { ...rest, requester, request: partRequest(request, type), waited: true, partOf: exportId };
    try {
      const started = await new Creation(dependencies, connection, wanted, running.signal).run();
      if (started.outcome === 'started') this.keep(type, started.jobId);
    } catch (error) {
      const refused = error instanceof ClariError && error.code === 'type_not_supported';
      if (!refused || request.typesToExport !== null || !type.startsWith('crm_')) throw error;
      this.keep(type, REFUSED);
    }
  }

  private keep(type: ExportType, jobId: string): void {
    this.jobIds.set(type, jobId);
    this.running.progress(Object.fromEntries(this.jobIds));
  }

  private ended(type: ExportType, jobId: string): ReturnType<typeof endedJob> {
    const { dependencies, connection, running } = this;
    const exportId = async (): Promise<string | undefined> => (await this.find(type))?.exportId;
    return endedJob(dependencies, connection, { jobId, exportId }, running.signal);
  }

  private find(type: ExportType) {
    const requester = partRequester(this.input.requester, type);
    return this.dependencies.ledger.find(this.connection.account, { requester });
  }

  /** The run waits for the part no more, which has its job all the same. Gives what is to be said of it. */
  private async settle(type: ExportType): Promise<readonly string[]> {
    const found = await this.find(type);
    // The ledger keeps so many exports and no more.
    if (!found) return [];
    const requester = partRequester(this.input.requester, type);
    const { ledger } = this.dependencies;
    await ledger.settle(this.connection.account, { exportId: found.exportId, requester, state: 'ended' });
    return found.warnings;
  }
}

/** The first reason, with the shortest of all waits: a job that ends makes room for the next one. */
function soonest(first: ExportError, others: readonly ExportError[]): ExportError {
  const delays = [first, ...others].flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
  return withDelay(first, first.message, delays.length === 0 ? undefined : Math.min(...delays));
}

const withDelay = ({ type }: ExportError, message: string, retryAfterMs: number | undefined): ExportError =>
  new ExportError(type, message, retryAfterMs === undefined ? {} : { retryAfterMs });

/** What the attempt before has told of the jobs, as far as it is that. */
function jobIdsIn(details: unknown, types: readonly ExportType[]): Map<ExportType, string> {
  const told = typeof details === 'object' && details !== null ? (details as Readonly<Record<string, unknown>>) : {};
  return new Map(
    types.flatMap((type): [ExportType, string][] => {
      const jobId = told[type];
      return typeof jobId === 'string' ? [[type, jobId]] : [];
    }),
  );
}
