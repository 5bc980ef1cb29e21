export function announce(line: string): Promise<string> {
  return Promise.resolve(`announced: ${line}`);
}
