import { variables } from '../../src/config/variables.js';
import { activityLimits, limitBounds, type ActivityLimits } from '../../src/model/activity-limits.js';
import { failures } from '../../src/model/failures.js';
import { requestFields, type RequestField } from '../../src/model/request-fields.js';

/** Tables of the README that are made from the code, by the name of their marker. */
export const tables: Readonly<Record<string, () => string>> = {
  request: () =>
    markdown(
      ['field', 'default', 'meaning'],
      Object.entries<RequestField>(requestFields).map(([name, field]) => [
        code(name),
        field.required ? 'required' : code(String(field.default)),
        [field.description, field.rule ? `(${field.rule})` : ''].join(' ').trim(),
      ]),
    ),
  configuration: () =>
    markdown(
      ['variable', 'default', 'meaning'],
      Object.entries(variables).map(([name, { default: value, description }]) => [
        code(name),
        value === null ? '' : code(value),
        description,
      ]),
    ),
  activities: () =>
    markdown(
      ['activity', 'one attempt', 'all attempts', 'heartbeat', 'waits between attempts'],
      Object.entries<ActivityLimits>(activityLimits).map(([name, limits]) => [
        code(name),
        duration(limits.startToClose),
        duration(limits.scheduleToClose),
        duration(limits.heartbeat),
        `${duration(limits.retryInitial)} to ${duration(limits.retryMaximum)}`,
      ]),
    ),
  bounds: () =>
    markdown(
      ['limit', 'from', 'to'],
      Object.entries(limitBounds).map(([name, [from, to]]) => [code(name), duration(from), duration(to)]),
    ),
  failures: () =>
    markdown(
      ['failure', 'exit code', 'Temporal', 'what to do'],
      Object.entries(failures).map(([type, { exitCode, retry, remedy }]) => [
        code(type),
        String(exitCode),
        retries[retry],
        remedy,
      ]),
    ),
};

const retries = { never: 'ends the run', soon: 'retries', poll: 'looks again' };

/** `text` with what stands between the markers of each table replaced by the table as it is now. */
export function withTables(text: string, made: Readonly<Record<string, () => string>> = tables): string {
  return Object.entries(made).reduce((before, [name, table]) => {
    const marked = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(\n<!-- end -->)`);
    if (!marked.test(before)) throw new Error(`The text has no markers for the table ${name}`);
    return before.replace(marked, (_, start: string, end: string) => `${start}\n${table()}\n${end}`);
  }, text);
}

export const code = (text: string): string => `\`${text}\``;

export function markdown(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
