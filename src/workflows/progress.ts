import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ExportProgress, ExportStage } from '../model/progress.js';
import { progressQuery, stages } from '../model/progress.js';

const progress = defineQuery<ExportProgress>(progressQuery);

/** What a run shows of itself: Markdown in the Web UI's details and a query for programs. Neither writes an event. */
export class Progress {
  private current: ExportProgress;

  constructor(forecastId: string, timePeriod: string | null) {
    this.current = { stage: 'checking', forecastId, timePeriod, facts: {} };
    setHandler(progress, () => this.current, { description: 'Stage and figures of the export' });
    this.show();
  }

  /** Enters a stage; `facts` stay until the end of the run, or until one is set to undefined. */
  enter(stage: ExportStage, facts: Readonly<Record<string, string | number | undefined>> = {}): void {
    const all = Object.entries({ ...this.current.facts, ...facts });
    const kept = all.filter((fact): fact is [string, string | number] => fact[1] !== undefined);
    this.current = { ...this.current, stage, facts: Object.fromEntries(kept) };
    this.show();
  }

  private show(): void {
    const { stage, forecastId, timePeriod, facts } = this.current;
    const rows = Object.entries(facts).map(([name, value]) => `| ${name} | ${value} |`);
    setCurrentDetails(
      [
        `**${forecastId}** ${timePeriod ?? 'current quarter'} · **${stages[stage]}**`,
        ...(rows.length > 0 ? ['', '| | |', '| --- | --- |', ...rows] : []),
      ].join('\n'),
    );
  }
}
