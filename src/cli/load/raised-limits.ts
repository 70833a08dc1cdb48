/** What is told of limits that a load has raised, until they are back: nobody is to leave them behind unknowingly. */
import type { ProgressLine } from '../progress-line.ts';

export class RaisedLimits {
  readonly #line: ProgressLine;
  #remedy: string | undefined;

  constructor(line: ProgressLine) {
    this.#line = line;
  }

  /** `remedy`: they are raised, or may be; undefined: they are back. */
  set(remedy: string | undefined): void {
    if (this.#remedy === undefined && remedy !== undefined)
      this.#say(`the limits are raised. Should this be killed: ${remedy}`);
    this.#remedy = remedy;
  }

  /** Somebody wants to end at once: says what that would leave behind. False: nothing. */
  holdOn(): boolean {
    if (this.#remedy === undefined) return false;
    this.#say(
      `THE LIMITS ARE STILL RAISED, and are being put back. Once more ends this at once; ${this.#remedy}`,
    );
    return true;
  }

  /** At the end: are they left raised? Says so. */
  areLeft(): boolean {
    if (this.#remedy === undefined) return false;
    this.#say(`THE LIMITS ARE STILL RAISED: they could not be put back; ${this.#remedy}`);
    return true;
  }

  #say(words: string): void {
    this.#line.end();
    process.stderr.write(`! ${words}\n`);
  }
}
