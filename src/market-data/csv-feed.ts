/** Plays recorded quotes from a CSV file at a chosen speed, and streams it: no file is too large. */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../core/values/assert.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { BarReader, type RecordedQuote, tickerOfFile } from './bars.ts';
import type { Feed, FeedProgress } from './feed.ts';
import { Pace } from './pace.ts';
import type { Quote } from './quotes.ts';

export interface CsvFeedOptions {
  readonly path: string;
  /**
   * Recorded seconds per real second; `Infinity`: as fast as the consumers take them, one quote a turn of the
   * event loop (who needs longer calls `pause`).
   */
  readonly speed: number;
  /** UTC microseconds now: what the quotes are stamped with as they are given. */
  readonly clock: () => Micros;
  /** Quotes recorded before this instant are passed over: to carry on where an earlier run stopped. */
  readonly from?: Micros;
  /** Whose quotes the file holds, where neither its name nor a `ticker` column says so. */
  readonly ticker?: Ticker;
  /**
   * Recorded silence longer than this, such as a night, is shortened to it. Milliseconds; 15 minutes by
   * default.
   */
  readonly silenceMaxMs?: number;
}

const SILENCE_MAX_MS = 15 * 60_000;
/** A line longer than this is no bar, in characters: a file without line ends must not fill the memory. */
const LINE_MAX = 4096;

interface Line {
  readonly text: string;
  readonly number: number;
}

export class CsvFeed implements Feed {
  readonly name: string;
  readonly #options: CsvFeedOptions;
  readonly #abort = new AbortController();
  #isStarted = false;
  #now: Micros | undefined;
  #quotes = 0;
  #bytesTotal = 0;
  #bytesRead = 0;
  #hasEnded = false;
  /** Pending while paused. */
  #gate: PromiseWithResolvers<void> | undefined;
  readonly #pace: Pace;

  constructor(options: CsvFeedOptions) {
    this.#options = options;
    this.#pace = new Pace(options.speed, options.silenceMaxMs ?? SILENCE_MAX_MS);
    this.name = basename(options.path);
  }

  get now(): Micros | undefined {
    return this.#now;
  }
  get progress(): FeedProgress {
    const played = this.#bytesTotal === 0 ? 0 : Math.min(1, this.#bytesRead / this.#bytesTotal);
    return { quotes: this.#quotes, played: this.#hasEnded ? 1 : played };
  }

  async start(sink: (quote: Quote) => void): Promise<void> {
    assert(!this.#isStarted, 'a feed starts once');
    this.#isStarted = true;
    const { signal } = this.#abort;
    try {
      await nextTurn(undefined, { signal });
      for await (const recorded of this.#recorded()) {
        await this.#waitFor(recorded.at);
        signal.throwIfAborted();
        this.#now = recorded.at;
        this.#quotes += 1;
        sink({ ...recorded, at: this.#options.clock() });
      }
      this.#hasEnded = true;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  pause(): void {
    this.#gate ??= Promise.withResolvers();
  }

  resume(): void {
    this.#pace.restart();
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  stop(): void {
    this.#abort.abort();
    this.resume();
  }

  async *#recorded(): AsyncGenerator<RecordedQuote> {
    let reader: BarReader | undefined;
    const from = this.#options.from ?? 0;
    for await (const line of this.#lines()) {
      if (line.text.trim() === '') continue;
      if (reader === undefined) {
        reader = new BarReader(this.name, line.text, this.#options.ticker ?? tickerOfFile(this.name));
        continue;
      }
      for (const quote of reader.read(line.text, line.number)) if (quote.at >= from) yield quote;
    }
    if (reader === undefined)
      throw new Fault('FEED_INVALID', `${this.name}: the file is empty; give one with quotes`);
  }

  async *#lines(): AsyncGenerator<Line> {
    let rest = '';
    let number = 0;
    for await (const chunk of this.#chunks()) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        number += 1;
        yield { text: this.#checked(text, number), number };
      }
      this.#checked(rest, number + 1);
    }
    if (rest !== '') yield { text: this.#checked(rest, number + 1), number: number + 1 };
  }

  #checked(line: string, number: number): string {
    if (line.length <= LINE_MAX) return line;
    throw new Fault(
      'FEED_INVALID',
      `${this.name}, line ${number}: over ${LINE_MAX} characters; is it a CSV file?`,
    );
  }

  /** The file's text piece by piece, without a byte order mark. */
  async *#chunks(): AsyncGenerator<string> {
    const { path } = this.#options;
    try {
      this.#bytesTotal = statSync(path).size;
      const stream = createReadStream(path, { encoding: 'utf8', signal: this.#abort.signal });
      let isFirst = true;
      for await (const chunk of stream) {
        const text = String(chunk);
        this.#bytesRead = stream.bytesRead;
        yield isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text;
        isFirst = false;
      }
    } catch (error) {
      if (this.#abort.signal.aborted || error instanceof Fault) throw error;
      throw new Fault('FEED_INVALID', `${path}: ${(error as Error).message}; name a readable file`, {
        cause: error,
      });
    }
  }

  /** Waits until the quote recorded `at` is due. */
  async #waitFor(at: Micros): Promise<void> {
    const { signal } = this.#abort;
    await this.#whilePaused();
    const waitMs = this.#pace.dueAt(at, performance.now()) - performance.now();
    if (waitMs > 1) await sleep(waitMs, undefined, { signal });
    else await nextTurn(undefined, { signal });
    await this.#whilePaused(); // paused while it waited: what was due is due when the feed goes on
  }

  async #whilePaused(): Promise<void> {
    while (this.#gate !== undefined) await this.#gate.promise;
  }
}
