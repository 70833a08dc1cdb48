/** What every keeper of sessions must do, held against each adapter. */
import { expect, test } from 'vitest';
import type { SessionStore } from './session-store.ts';

const LIFE_MS = 60_000;
const id = (): string => crypto.randomUUID();

export function sessionStoreContract(open: () => Promise<SessionStore>): void {
  test('a token can be used once, and then the next one', async () => {
    const store = await open();
    const session = id();
    await store.begin(session, LIFE_MS);
    for (let n = 0; n < 12; n++) expect(await store.rotate(session, n, id())).toBe('rotated');
  });
  test('a token used twice ends the session, for the newest token too', async () => {
    const store = await open();
    const session = id();
    await store.begin(session, LIFE_MS);
    await store.rotate(session, 0, id());
    await store.rotate(session, 1, id());
    expect(await store.rotate(session, 0, id())).toBe('reused');
    expect(await store.rotate(session, 2, id())).toBe('reused');
  });
  test('of two who use a token at the same time one gets through', async () => {
    const store = await open();
    const session = id();
    await store.begin(session, LIFE_MS);
    const both = await Promise.all([store.rotate(session, 0, id()), store.rotate(session, 0, id())]);
    expect(both.sort()).toEqual(['reused', 'rotated']);
  });
  test('a second try of the same attempt is no second use', async () => {
    const store = await open();
    const [session, attempt] = [id(), id()];
    await store.begin(session, LIFE_MS);
    expect(await store.rotate(session, 0, attempt)).toBe('rotated');
    expect(await store.rotate(session, 0, attempt)).toBe('rotated');
    expect(await store.rotate(session, 1, id())).toBe('rotated');
    expect(await store.rotate(session, 0, attempt)).toBe('reused');
  });
  test('an ended session stays ended, and one that nobody began is unknown', async () => {
    const store = await open();
    const session = id();
    await store.begin(session, LIFE_MS);
    await store.end(session);
    expect(await store.rotate(session, 0, id())).toBe('reused');
    expect(await store.rotate(session, 0, id())).toBe('reused');
    const stranger = id();
    await store.end(stranger);
    expect(await store.rotate(stranger, 0, id())).toBe('unknown');
  });
  test('a session is forgotten when its time is over', async () => {
    const store = await open();
    const session = id();
    await store.begin(session, 20);
    let generation = 0;
    await expect.poll(() => store.rotate(session, generation++, id())).toBe('unknown');
  });
  test('a token newer than what the store remembers is ours, and counts', async () => {
    const store = await open();
    const session = id();
    await store.begin(session, LIFE_MS);
    expect(await store.rotate(session, 5, id())).toBe('rotated');
    expect(await store.rotate(session, 3, id())).toBe('reused');
  });
}
