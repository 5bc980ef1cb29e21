import { ApplicationFailure } from '@temporalio/common';
import { condition, defineSignal, defineUpdate, log, setHandler, workflowInfo } from '@temporalio/workflow';
import { changeSentence, checkHoldAnswer, findingText, holdMessages, type HoldAnswer } from '../model/hold.js';
import type { Change } from '../model/receipt.js';
import type { AcceptedInput } from '../model/steps.js';
import { failed } from './failing.js';
import type { Progress } from './progress.js';

type Verdict = keyof typeof holdMessages;

const what = {
  accept: 'Lands an export that is held because it differs much from the last snapshot',
  reject: 'Ends a run whose export is held, and leaves the last snapshot as it is',
} as const satisfies Record<Verdict, string>;

/**
 * A change against the last snapshot that somebody has to look at. They answer by an update, which says at once whether it was
 * taken, or by a signal of the same name, for tools without updates.
 */
export class Hold {
  private waiting = false;
  private shownChange: Change | undefined;
  private verdict: (HoldAnswer & { readonly is: Verdict }) | null = null;

  constructor(private readonly progress: Progress) {
    this.listenFor('accept');
    this.listenFor('reject');
  }

  /** Who has accepted which change, if somebody has: also where the export has to be staged anew after that. */
  get accepted(): AcceptedInput | null {
    if (this.verdict?.is !== 'accept') return null;
    return { by: this.verdict.by, ...(this.shownChange ? { seen: this.shownChange } : {}) };
  }

  /**
   * Resolves when somebody accepts the change. Called again, it holds for another one: what was said of the last is forgotten.
   * @throws ApplicationFailure `ExportHeld` when somebody rejects it, or nobody has answered within that time
   */
  async untilAccepted(change: Change, withinMs: number): Promise<void> {
    const until = new Date(Date.now() + withinMs).toISOString();
    const facts = this.shown(change, until);
    log.warn('The export is held until somebody accepts how it differs from the last snapshot', facts);
    this.progress.enter('held', facts);
    this.ask(change);
    // To the SDK a time of 0 would be none at all.
    await condition(() => this.verdict !== null, Math.max(1, withinMs));
    this.waiting = false;
    this.progress.enter('storing', Object.fromEntries(Object.keys(facts).map((name) => [name, undefined])));
    if (this.accepted) return;
    const { by } = this.verdict ?? { by: null };
    const end = this.verdict
      ? `It was rejected${by === null ? '' : ` by ${by}`}.`
      : `Nobody accepted it until ${until}.`;
    throw failed('ExportHeld', `${changeSentence(change)} ${end}`);
  }

  private ask({ comparedWith, findings }: Change): void {
    this.verdict = null;
    this.shownChange = { comparedWith, findings };
    this.waiting = true;
  }

  private shown({ comparedWith, findings }: Change, until: string): Record<string, string> {
    return {
      ...Object.fromEntries(findings.map((finding) => [finding.of, findingText(finding)])),
      'last snapshot': comparedWith,
      'held until': until,
      'to land it': this.line('accept'),
      'to end it': this.line('reject'),
    };
  }

  private line(verdict: Verdict): string {
    const { workflowId, namespace } = workflowInfo();
    const words = ['--namespace', namespace, '--workflow-id', workflowId, '--name', holdMessages[verdict]];
    return `temporal workflow update execute ${words.join(' ')}`;
  }

  private listenFor(is: Verdict): void {
    const name = holdMessages[is];
    const take = (args: readonly unknown[]): void => {
      const checked = checkHoldAnswer(args);
      if (checked.outcome === 'good') this.verdict = { is, ...checked.answer };
    };
    setHandler(
      defineUpdate<string, unknown[]>(name),
      (...args) => {
        take(args);
        return `${is}ed`;
      },
      {
        description: what[is],
        validator: (...args) => {
          const fault = this.faultOf(args);
          if (fault) throw ApplicationFailure.create({ type: 'InvalidInput', message: fault, nonRetryable: true });
        },
      },
    );
    setHandler(
      defineSignal<unknown[]>(name),
      (...args) => {
        const fault = this.faultOf(args);
        if (fault) log.warn('A signal was ignored', { signal: name, fault });
        else take(args);
      },
      { description: what[is] },
    );
  }

  /** Why a message can't be taken now. */
  private faultOf(args: readonly unknown[]): string | undefined {
    if (this.verdict) return `The export was ${this.verdict.is}ed before.`;
    if (!this.waiting) return 'The export is not held: there is nothing to accept or reject.';
    const checked = checkHoldAnswer(args);
    return checked.outcome === 'faulty' ? checked.fault : undefined;
  }
}
