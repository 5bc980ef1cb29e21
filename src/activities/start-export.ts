import { Context } from '@temporalio/activity';
import { createHash, randomUUID } from 'node:crypto';
import { ClariError } from '../clari/clari-error.js';
import { crashPoint } from '../crash/crash-point.js';
import type { ClaimAnswer, PostIntent, RecordInput, ReleaseInput } from '../model/account.js';
import { longestLookMs, placeKeptMs } from '../model/capacity-wait.js';
import { ExportError } from '../model/export-error.js';
import { failures } from '../model/failures.js';
import { leaseLookMs } from '../model/lease-wait.js';
import { typesAsked, type ExportForecastRequest, type ExportType } from '../model/request.js';
import type { CapacityShortage, StartedExport, StartExportInput } from '../model/steps.js';
import { noRoom, shortageIn, unclearShortage } from './capacity.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import { forgottenJob } from './forgotten.js';
import { leftBehind } from './gone-runs.js';
import { attempt } from './guarded.js';
import { lostJob, type LostPost } from './lost-job.js';
import { namedJob, onePartOf } from './named-job.js';
import { intentNow, isMade, twinsOf } from './reconcile.js';

/** An attempt that was overtaken asks again when the one that took over may be done. */
const OVERTAKEN_MS = 1_000;
/** A POST that is not sent within this time of its intent is not sent: another attempt may have begun to reconcile. */
const POST_WITHIN_MS = 30_000;

type Started = Extract<StartedExport, { outcome: 'started' }>;

/** Makes the job of an export, once: under the account's lease, and only if the ledger knows no job for it. */
export function startExport(dependencies: ActivityDependencies) {
  return (input: StartExportInput): Promise<StartedExport> =>
    attempt(async ({ signal }) => {
      const creation = new Creation(dependencies, connectionOf(dependencies, input), input, signal);
      return creation.run();
    });
}

/** What a job is made for. */
export interface Wanted extends StartExportInput {
  /** The export of which it is one type (model/split.ts). */
  readonly partOf?: string;
}

/** One attempt to come by the job of an export. */
export class Creation {
  private readonly token = randomUUID();

  constructor(
    private readonly dependencies: ActivityDependencies,
    private readonly connection: Connection,
    private readonly input: Wanted,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<StartedExport> {
    const { request, requester, scheduledAt, partOf } = this.input;
    const named = await namedJob(this.connection, request, this.signal);
    const { account } = this.connection;
    const claim = await this.dependencies.ledger.claim(account, {
      whatKey: whatKey(account, request, partOf),
      forecastId: request.forecastId,
      requester,
      attempt: this.token,
      scheduledAt,
      fresh: request.fresh,
      jobId: request.jobId,
      ...(partOf === undefined ? {} : { partOf }),
      ...named,
    });
    crashPoint('after-claim');
    try {
      return await this.follow(claim);
    } catch (error) {
      // A run that gives up must not make the next ones wait until its lease runs out.
      // Nor while somebody else loads into the destination, which may take as long as it likes.
      // Nor while the job of a lost answer is looked for: exports of other forecasts can not be mistaken for it.
      const gaveUp =
        error instanceof ExportError &&
        (failures[error.type].retry === 'never' || ['DestinationBusy', 'CreateOutcomePending'].includes(error.type));
      if (gaveUp && (claim.action === 'post' || claim.action === 'reconcile')) {
        const { exportId } = claim;
        await this.dependencies.ledger.release(account, { exportId, attempt: this.token, noJob: false });
      }
      throw error;
    }
  }

  private async follow(claim: ClaimAnswer): Promise<StartedExport> {
    const { request } = this.input;
    const { account } = this.connection;
    switch (claim.action) {
      case 'wait':
        throw new ExportError(
          'LeaseBusy',
          claim.inLine
            ? `Account ${account} is creating ${claim.heldBy}, the first of ${claim.ahead} before this one.`
            : `The ledger of account ${account} is full of exports that are under way (${claim.ahead} in line): this one gets a place when one of them is done.`,
          { retryAfterMs: leaseLookMs(claim.ahead, claim.heldForMs) },
        );
      case 'use':
        if (request.jobId !== null && claim.partOf !== undefined) throw onePartOf(claim.partOf, claim.jobId);
        return started(
          claim,
          claim.jobId,
          request.jobId === claim.jobId ? 'requested' : claim.joined ? 'joined' : 'created',
          [...claim.warnings, ...(await this.leftBehind(claim))],
        );
      case 'reconcile':
        return (await this.adopt(claim, claim)) ?? this.create(claim);
      case 'post': {
        const { connection, signal } = this;
        const known =
          claim.mayBeForgotten && !request.fresh ? await forgottenJob(connection, request, claim, signal) : undefined;
        if (known === undefined) return this.create(claim);
        return this.record(claim, 'joined', {
          jobId: known,
          warnings: [
            'The ledger had lost this export; it was found in the destination, and is landed once more from the same job.',
          ],
        });
      }
    }
  }

  /** Takes the job of a lost answer; undefined where it is as certain as can be that none was made. */
  private async adopt(
    claim: Creating,
    { intent, waitedMs }: Pick<LostPost, 'intent' | 'waitedMs'>,
  ): Promise<Started | undefined> {
    const { dependencies, connection, signal } = this;
    const { request } = this.input;
    const { takenJobIds } = claim;
    const adopted = await lostJob(dependencies, connection, { request, intent, waitedMs, takenJobIds }, signal);
    if (!adopted) return undefined;
    const { jobId, excess } = adopted;
    return this.record(claim, 'adopted', {
      jobId,
      excess: excess.length,
      warnings: [
        'The answer to the request for the job was lost; the job was found in Clari’s list, where nothing tells its scope and types.',
        ...(excess.length === 0
          ? []
          : [`The request was delivered more than once: ${excess.join(', ')} hold the same file and cost quota too.`]),
      ],
    });
  }

  /** A scheduled run, and one that lands a part, have joined what they asked for. */
  private async leftBehind(claim: Extract<ClaimAnswer, { action: 'use' }>): Promise<readonly string[]> {
    const { request, scheduledAt, partOf } = this.input;
    const byHand = request.jobId === null && scheduledAt === null && partOf === undefined;
    return byHand ? leftBehind(this.dependencies.ledger, this.connection.account, claim) : [];
  }

  private async create(claim: Creating): Promise<StartedExport> {
    const { clari } = this.connection;
    const { exportId, ahead } = claim;
    const limits = await clari.limits(this.signal);
    const shortage = limits && shortageIn(limits, ahead);
    if (shortage) {
      await this.giveBack(exportId, shortage);
      return this.comesBack(shortage);
    }
    const intent = await intentNow(clari, this.input.request, limits?.submittedJobIds, this.signal);
    await this.intend(exportId, intent);
    crashPoint('after-intent');
    try {
      return await this.post(claim, intent);
    } catch (error) {
      if (!(error instanceof ClariError) || error.outcomeUnknown) throw error;
      if (error.type === 'NoCapacity') return this.refusedRoom(claim, intent);
      // A definite refusal made no job: the next in turn may create.
      await this.giveBack(exportId);
      throw error;
    }
  }

  /** Where the look fails, the intent is left behind: whoever comes next looks for a job first. */
  private async refusedRoom(claim: Creating, intent: PostIntent): Promise<StartedExport> {
    const { request } = this.input;
    const { clari } = this.connection;
    const { exportId, ahead, takenJobIds } = claim;
    const limits = await clari.limits(this.signal);
    if (await isMade({ clari, request, intent, takenJobIds, signal: this.signal }, limits)) {
      const adopted = await this.adopt(claim, { intent, waitedMs: 0 });
      if (adopted) return adopted;
    }
    const shortage = (limits && shortageIn(limits, ahead)) ?? unclearShortage(limits, ahead);
    await this.giveBack(exportId, shortage);
    return this.comesBack(shortage);
  }

  /** The run is told once that there is no room at Clari, and waits; after that this activity waits for it. */
  private comesBack(shortage: CapacityShortage): StartedExport {
    if (!this.input.waited) return { outcome: 'no-capacity', ...shortage };
    throw noRoom(shortage, Context.current().info.attempt);
  }

  /** Lets go of the lease where no job was made; a run that waits for room keeps its place in line. */
  private async giveBack(exportId: string, shortage?: CapacityShortage): Promise<void> {
    const input: ReleaseInput = { exportId, attempt: this.token, noJob: true };
    const waits = shortage && { waitsMs: placeKeptMs(longestLookMs(shortage, Context.current().info.attempt)) };
    await this.dependencies.ledger.release(this.connection.account, { ...input, ...waits });
  }

  /** Makes it known that a POST follows, and that this attempt is still the one to send it. */
  private async intend(exportId: string, intent: PostIntent): Promise<void> {
    const { account } = this.connection;
    const began = performance.now();
    const answer = await this.dependencies.ledger.intend(account, { exportId, attempt: this.token, intent });
    if (answer === 'acknowledged' && performance.now() - began <= POST_WITHIN_MS) return;
    throw new ExportError('LeaseBusy', 'Another attempt has taken over the creation of this export.', {
      retryAfterMs: OVERTAKEN_MS,
    });
  }

  private async post(claim: Creating, intent: PostIntent): Promise<Started> {
    const { typesToExport } = this.input.request;
    const types = typesAsked(this.input.request);
    try {
      return await this.postTypes(claim, intent, types, []);
    } catch (error) {
      const refused = error instanceof ClariError && error.code === 'type_not_supported';
      if (!refused || typesToExport !== null) throw error;
      const without = types.filter((type) => !type.startsWith('crm_'));
      // Another attempt may have begun to reconcile while the first request was under way.
      await this.intend(claim.exportId, intent);
      return this.postTypes(claim, intent, without, [
        'This tenant refuses the types crm_total and crm_closed; they were left out.',
      ]);
    }
  }

  private async postTypes(
    claim: Creating,
    intent: PostIntent,
    typesToExport: readonly ExportType[],
    warnings: readonly string[],
  ): Promise<Started> {
    const { request } = this.input;
    const { forecastId, timePeriod, scopeId, currency, includeHistorical } = request;
    const { clari } = this.connection;
    const asked = { forecastId, timePeriod, typesToExport, scopeId, currency, includeHistorical };
    const { jobId } = await clari.createForecastExport(asked, this.signal);
    crashPoint('after-post');
    const made = await this.record(claim, 'created', { jobId, warnings });
    const { takenJobIds } = claim;
    const twins = await twinsOf(jobId, { clari, request, intent, takenJobIds, signal: this.signal });
    if (twins.length === 0) return made;
    return this.record(claim, 'created', {
      jobId,
      excess: twins.length,
      warnings: [
        ...warnings,
        `The request seems to have been delivered more than once: ${twins.join(', ')} were made with the job, look like it and cost quota too.`,
      ],
    });
  }

  /** Records the job before anything else is done with it. */
  private async record(claim: Claimed, origin: Started['origin'], made: Made): Promise<Started> {
    const { account, clari } = this.connection;
    const kept = await this.dependencies.ledger.record(account, { exportId: claim.exportId, ...made });
    crashPoint('after-record');
    if (kept.unwanted || kept.jobId !== made.jobId) await clari.cancel(made.jobId, this.signal);
    return started(claim, kept.jobId, origin, made.warnings);
  }
}

type Made = Omit<RecordInput, 'exportId'>;
type Creating = Extract<ClaimAnswer, { ahead: number; exportId: string }>;
type Claimed = Extract<ClaimAnswer, { exportId: string }>;

function started(
  { exportId, asOf, scheduledAt }: Claimed,
  jobId: string,
  origin: Started['origin'],
  warnings: readonly string[] = [],
): Started {
  return { outcome: 'started', exportId, jobId, asOf, scheduledAt, origin, warnings };
}

/**
 * Hash of all that decides what Clari's job holds: equal requests have equal keys, whatever the order of their types.
 * @param partOf export of which it is a part: those of two exports differ
 */
export function whatKey(account: string, request: ExportForecastRequest, partOf?: string): string {
  const { forecastId, timePeriod, scopeId, typesToExport, currency, includeHistorical } = request;
  const types = typesToExport === null ? 'all' : [...typesToExport].sort();
  const asked = [account, forecastId, timePeriod, scopeId, types, currency, includeHistorical, 'JSON'];
  const what = JSON.stringify(partOf === undefined ? asked : [...asked, partOf]);
  return createHash('sha256').update(what).digest('hex').slice(0, 16);
}
