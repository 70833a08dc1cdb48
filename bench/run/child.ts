/** A process of its own that answers questions: so that each thing measured has its own heap, and can be asked in turns. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onLeave } from './leaving.ts';

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

export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #callOff: () => void;
  #asked = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#callOff = onLeave(() => this.stop());
    process.on('message', (answer) => this.#hear(answer as Answer));
    process.on('exit', (code, signal) => this.#end(new Error(`a child ended: ${signal ?? code}`)));
    process.on('error', (error) => this.#end(error));
  }

  /** `module`: one that calls {@link serve}. */
  static start(module: URL, environment: NodeJS.ProcessEnv = {}, flags: readonly string[] = []): Child {
    const env = { ...process.env, ...environment };
    const execArgv = [...FLAGS, ...flags];
    return new Child(fork(fileURLToPath(module), { execArgv, env, serialization: 'advanced' }));
  }

  /** Puts a question and waits for its answer. @throws Error: what the child threw, or how it ended */
  ask<T>(name: string, payload?: unknown): Promise<T> {
    const id = ++this.#asked;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#process.send({ id, name, payload } satisfies Question);
    });
  }

  /** Ends the child as a supervisor would, and waits for it. */
  async stop(): Promise<void> {
    this.#callOff();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
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
