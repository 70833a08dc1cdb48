/** One line that shows how far long work is: rewritten in place on a terminal, now and then a new line elsewhere. */

const EVERY_MS = { terminal: 100, file: 5_000 };

export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #shownAtMs = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** Shows `says`, unless something was shown just now. */
  show(says: string): void {
    const isTerminal = this.#stream.isTTY === true;
    const now = performance.now();
    if (now - this.#shownAtMs < (isTerminal ? EVERY_MS.terminal : EVERY_MS.file)) return;
    this.#shownAtMs = now;
    this.#stream.write(isTerminal ? `\r\u001b[2K${says}` : `${says}\n`);
  }

  /** Leaves the line clean for what is printed next. */
  end(): void {
    if (this.#stream.isTTY === true) this.#stream.write('\r\u001b[2K');
  }
}

/** `1,234`. */
export const counted = (n: number): string => n.toLocaleString('en-US');

/** `1,234 of 5,678 (21 %)`. */
export function share(done: number, all: number): string {
  const percent = all > 0 ? ` (${Math.floor((100 * done) / all)} %)` : '';
  return `${counted(done)} of ${counted(all)}${percent}`;
}
