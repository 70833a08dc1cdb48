/** The publisher's memory for tests: gone with the process. */
import type { Position } from '../core/values/names.ts';
import type { Checkpoint, Published } from './published.ts';

export class MemoryPublished implements Published {
  readonly #positions = new Map<string, Position>();
  readonly #checkpoints = new Map<string, Checkpoint>();

  async position(shard: string): Promise<Position> {
    return this.#positions.get(shard) ?? (0 as Position);
  }

  async move(shard: string, position: Position): Promise<void> {
    const before = await this.position(shard);
    if (position > before) this.#positions.set(shard, position);
  }

  async checkpoint(shard: string): Promise<Checkpoint | undefined> {
    return this.#checkpoints.get(shard);
  }

  async keep(shard: string, checkpoint: Checkpoint): Promise<void> {
    this.#checkpoints.set(shard, checkpoint);
  }
}
