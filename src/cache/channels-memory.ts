/** Channels within one process: heard in a later turn, as from a real line, and never lost. */
import type { Channels } from './channels.ts';

type Listener = (message: Buffer) => void;

export class MemoryChannels implements Channels {
  readonly isUp = true;
  readonly #listeners = new Map<string, Set<Listener>>();

  publish(channel: string, message: Buffer): void {
    const listeners = this.#listeners.get(channel);
    if (listeners === undefined) return;
    queueMicrotask(() => {
      for (const listener of listeners) listener(message);
    });
  }

  subscribe(channel: string, listener: Listener): () => void {
    const own: Listener = (message) => listener(message); // the same function may listen twice
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel);
    };
  }
}
