/** Who claims a shard, whatever the epoch, and however many journals it takes. */
import { randomUUID } from 'node:crypto';

/**
 * Whoever was given a shard, over all attempts to take it up: the first claim takes it from anybody, those after it only
 * renew. So an attempt that was cut off for long does not take the shard back from a successor.
 */
export class Claimant {
  readonly id = randomUUID();
  hasClaimed = false;
}
