/** Those who want to hear of something, told in the order in which they came. */

export class Listeners<T> {
  #all: readonly { readonly tell: (news: T) => void }[] = [];

  /** Returns how to stop. Whoever joins or leaves while news goes round does so from the next news on. */
  add(tell: (news: T) => void): () => void {
    const listener = { tell };
    this.#all = [...this.#all, listener];
    return () => {
      this.#all = this.#all.filter((other) => other !== listener);
    };
  }

  tell(news: T): void {
    for (const listener of this.#all) listener.tell(news);
  }
}
