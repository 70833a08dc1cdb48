/** New ids for orders and conversations: UUIDv7, from a generator that buys its randomness by the page. */
import { V7Generator } from 'uuidv7';

const pool = new Uint32Array(1024);
let used = pool.length;

const generator = new V7Generator({
  nextUint32() {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    return pool[used++] ?? 0;
  },
});

export const newId = (): string => generator.generate().toString();
