/** Appends the clients' history to a file, a line before and a line after each call. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type Ask, type Call, callsOf, type HistoryLine, type Phase, type Reply } from './record.ts';

/** Written at once, so that a client that is killed leaves what it asked; a machine that dies is not what is tested. */
export class HistoryWriter {
  readonly path: string;
  readonly #file: number;
  #calls = 0;

  /** A file that is there already is written anew: a history has one writer. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'w');
  }

  /** Before the call; returns its number. */
  invoke(process: string, correlationId: string, ask: Ask): number {
    const call = this.#calls++;
    this.#append({ call, phase: 'invoke', at: now(), process, correlationId, ask });
    return call;
  }

  /** After the call. */
  end(call: number, phase: Phase, reply: Reply): void {
    this.#append({ call, phase, at: now(), reply });
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(line: HistoryLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

/** Milliseconds since 1970 that never run backwards within this process. */
const now = (): number => performance.timeOrigin + performance.now();

/** @throws Error when the file does not read as it was written */
export function readHistory(path: string): readonly Call[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1); // what is after the last newline was cut off
  return callsOf(lines.map((line) => JSON.parse(line) as HistoryLine));
}
