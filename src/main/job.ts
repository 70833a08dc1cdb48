/** Work that is begun and ended in turns, however quickly the words follow each other. */
export class Job {
  readonly #begin: () => () => Promise<void>;
  #stop: (() => Promise<void>) | undefined;
  #ending: Promise<void> = Promise.resolve();
  #isWanted = false;

  /** `begin` starts the work and returns how to stop it. */
  constructor(begin: () => () => Promise<void>) {
    this.#begin = begin;
  }

  begin(): void {
    this.#isWanted = true;
    void this.#ending.then(() => {
      if (this.#isWanted && this.#stop === undefined) this.#stop = this.#begin();
    });
  }

  async end(): Promise<void> {
    this.#isWanted = false;
    const stop = this.#stop;
    this.#stop = undefined;
    if (stop !== undefined) this.#ending = Promise.all([this.#ending, stop()]).then(() => {});
    await this.#ending;
  }
}
