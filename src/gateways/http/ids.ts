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

/** Copied into one piece: as it is put together, the text is a tree of 36 parts that an order would keep alive. */
export const newId = (): string => Buffer.from(generator.generate().toString(), 'latin1').toString('latin1');
