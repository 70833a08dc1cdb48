/** Can this node do its part now? Each part says so itself; whoever probes hears what is missing. */

export class Readiness {
  /** What stands in the way, by part; a part that is fine is not in it. */
  readonly #troubles = new Map<string, string>();
  readonly #watched = new Map<string, () => string | undefined>();
  readonly #noted = new Map<string, () => string | undefined>();
  #isDraining = false;
  #isLeaving = false;

  /** `part` is fine from here on (undefined), or `why` it is not. */
  set(part: string, why: string | undefined): void {
    if (why === undefined) this.#troubles.delete(part);
    else this.#troubles.set(part, why);
  }

  /** `ask` is asked at each probe: it must be quick, and answers as {@link set} takes it. */
  watch(part: string, ask: () => string | undefined): void {
    this.#watched.set(part, ask);
  }

  /**
   * As {@link watch}, for what must be said and keeps no work away: the other nodes would do no better. Returns how to
   * stop asking.
   */
  note(part: string, ask: () => string | undefined): () => void {
    this.#noted.set(part, ask);
    return () => {
      if (this.#noted.get(part) === ask) this.#noted.delete(part);
    };
  }

  /** The node is to stop: whoever sends it work should send it elsewhere. What comes all the same is served. */
  drain(): void {
    this.#isDraining = true;
  }

  /** And now connections are let go of as they are answered. */
  leave(): void {
    this.#isDraining = true;
    this.#isLeaving = true;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** What stands in the way, by part; empty: the node is ready. */
  get reasons(): Readonly<Record<string, string>> {
    const reasons = { ...Object.fromEntries(this.#troubles), ...answersOf(this.#watched) };
    return this.#isDraining ? { ...reasons, node: 'draining' } : reasons;
  }

  /** What is not as it should be although the node is as ready as any, by part. */
  get notes(): Readonly<Record<string, string>> {
    return answersOf(this.#noted);
  }
}

function answersOf(asked: ReadonlyMap<string, () => string | undefined>): Record<string, string> {
  const answers: Record<string, string> = {};
  for (const [part, ask] of asked) {
    const why = ask();
    if (why !== undefined) answers[part] = why;
  }
  return answers;
}
