import { vi } from 'vitest';
import { program } from '../../src/cli.js';
import type { ChildResult } from '../support/child.js';

/** A command line in this process, which is quicker than a process of its own; one at a time. */
export async function runHere(...words: readonly string[]): Promise<ChildResult> {
  let [stdout, stderr] = ['', ''];
  const into = (add: (text: string) => void) => (text: string | Uint8Array) => {
    add(String(text));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into((text) => (stdout += text))),
    vi.spyOn(process.stderr, 'write').mockImplementation(into((text) => (stderr += text))),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      process.exitCode = Number(code);
      throw new Ended();
    }),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await program()
      .parseAsync(words, { from: 'user' })
      .catch((error: unknown) => {
        if (!(error instanceof Ended)) throw error;
      });
    return { exitCode: process.exitCode, stdout, stderr };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

class Ended extends Error {}
