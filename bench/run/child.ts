/** A process of its own that answers questions: so that each thing measured has its own heap, and can be asked in turns. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onLeave } from './leaving.ts';
import { within } from './patience.ts';

interface Question {
  readonly id: number;
  readonly name: string;
  readonly payload: unknown;
}
interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What every process that is measured runs with: `gc()`, and no warnings between the rows of the table. */
const FLAGS = ['--expose-gc', '--disable-warning=ExperimentalWarning'];

/** For an answer, where the asker knows no better: the longest question takes two minutes on a quiet machine. */
const ANSWER_MS = 15 * 60_000;
/** For a child that was told to end: a platform answers what is under way, and PostgreSQL stops. */
const STOP_MS = 60_000;

export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #callOff: () => void;
  #asked = 0;

  private constructor(name: string, process: ChildProcess) {
    this.#name = name;
    this.#process = process;
    this.#callOff = onLeave(() => this.stop());
    process.on('message', (answer) => this.#hear(answer as Answer));
    process.on('exit', (code, signal) => this.#end(new Error(`${name} ended: ${signal ?? code}`)));
    process.on('error', (error) => this.#end(error));
  }

  /** `module`: one that calls {@link serve}. */
  static start(module: URL, environment: NodeJS.ProcessEnv = {}, flags: readonly string[] = []): Child {
    const env = { ...process.env, ...environment };
    const execArgv = [...FLAGS, ...flags];
    const path = fileURLToPath(module);
    return new Child(basename(path, '.ts'), fork(path, { execArgv, env, serialization: 'advanced' }));
  }

  /** Puts a question and waits for its answer. @throws Error: what the child threw, how it ended, or that it is too late */
  ask<T>(name: string, payload?: unknown, patienceMs: number = ANSWER_MS): Promise<T> {
    const id = ++this.#asked;
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#process.send({ id, name, payload } satisfies Question);
    });
    return within(patienceMs, `${this.#name} is asked ${name}`, answer);
  }

  /** Ends the child as a supervisor would, and waits for it: who does not go is killed. */
  async stop(): Promise<void> {
    this.#callOff();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    if (this.#process.connected) this.#process.disconnect();
    await within(STOP_MS, `${this.#name} is told to end`, exited).catch((error: Error) => {
      process.stderr.write(`${error.message}: killed\n`);
      this.#process.kill('SIGKILL');
    });
    if (this.#process.exitCode === null && this.#process.signalCode === null) await exited;
  }

  #hear({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

type Answers = Readonly<Record<string, (payload: never) => unknown>>;

/** The child's side: answers by name, one question at a time. `atEnd` runs when the parent has left. */
export function serve(answers: Answers, atEnd: () => unknown = () => {}): void {
  const answer = async ({ id, name, payload }: Question): Promise<Answer> => {
    try {
      const given = answers[name];
      if (given === undefined) throw new Error(`nobody answers ${name}`);
      return { id, value: await given(payload as never) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  const leave = async (): Promise<void> => {
    await atEnd();
    process.exit(0);
  };
  process.on('message', (question: Question) => void answer(question).then((told) => process.send?.(told)));
  process.on('disconnect', () => void leave());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {}); // the parent sees to the end
}
