import type { ClariProxy } from './clari-proxy.js';

/** A file of Clari's, as far as tests change it. */
interface File {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly users: readonly unknown[];
}

export type FileChange = (file: File) => File;

/** Changes the next file that is downloaded through the proxy. */
export function changeNext(proxy: ClariProxy, change: FileChange): void {
  void proxy.spoilNext({
    fits: (method, path) => method === 'GET' && path.endsWith('/results'),
    does: (body) => Buffer.from(JSON.stringify(change(JSON.parse(body.toString('utf8')) as File))),
  });
}

/** So much of the entries: the first ones, or all and some of them once more. */
export const entriesTimes =
  (factor: number): FileChange =>
  (file) => {
    const { entries } = file;
    const wanted = Math.round(entries.length * factor);
    return { ...file, entries: [...entries, ...entries].slice(0, wanted) };
  };

/** Forecasts so many times as large. */
export const forecastsTimes =
  (factor: number): FileChange =>
  (file) => ({
    ...file,
    entries: file.entries.map((entry) =>
      typeof entry['forecastValue'] === 'number'
        ? { ...entry, forecastValue: Math.round(entry['forecastValue']) * factor }
        : entry,
    ),
  });
