export interface StartLine {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowId: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** As one word for a POSIX shell. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** What starts the same export by hand. Without an execution timeout: that would end a run without its clean-up. */
export function temporalLine({ address, namespace, taskQueue, workflowId, input }: StartLine): string {
  return [
    'temporal workflow start',
    `--address ${quoted(address)} --namespace ${quoted(namespace)}`,
    `--task-queue ${quoted(taskQueue)} --type exportForecast --workflow-id ${quoted(workflowId)}`,
    `--input ${quoted(JSON.stringify(input))}`,
  ].join(' ');
}

/** The same for tctl, whose flags for the server stand before the command. */
export function tctlLine({ address, namespace, taskQueue, workflowId, input }: StartLine): string {
  return [
    `tctl --address ${quoted(address)} --namespace ${quoted(namespace)} workflow start`,
    `--taskqueue ${quoted(taskQueue)} --workflow_type exportForecast --workflow_id ${quoted(workflowId)}`,
    `--input ${quoted(JSON.stringify(input))}`,
  ].join(' ');
}
