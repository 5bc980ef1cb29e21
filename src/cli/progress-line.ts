/** What a command says on standard error while it works: one line that changes on a terminal, few lines in a pipe. */
export class ProgressLine {
  readonly #live: boolean;
  readonly #quiet: boolean;
  #last = '';

  constructor({ quiet }: { readonly quiet: boolean }) {
    this.#quiet = quiet;
    this.#live = process.stderr.isTTY;
  }

  /** `coarse`: the same as `text` with fewer steps, for a pipe. */
  say(text: string, coarse: string = text): void {
    const shown = this.#live ? text : coarse;
    if (this.#quiet || shown === this.#last) return;
    this.#last = shown;
    process.stderr.write(this.#live ? `\r\u001b[2K${shown}` : `${shown}\n`);
  }

  /** Takes the line away from a terminal. */
  end(): void {
    if (this.#live && this.#last !== '') process.stderr.write('\r\u001b[2K');
    this.#last = '';
  }
}
