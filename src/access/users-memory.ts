/** Users in memory: for tests, and for a bench that measures something else. */
import type { Micros, UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Credentials, NewUser, User, Users } from './users.ts';

export class MemoryUsers implements Users {
  readonly #held = new Map<UserId, Credentials>();
  #changes = 0;

  async credentials(username: UserId): Promise<Credentials | undefined> {
    return this.#held.get(username);
  }

  async list(): Promise<readonly User[]> {
    const users = [...this.#held.values()].map(({ user }) => user);
    return users.sort((a, b) => (a.username < b.username ? -1 : 1));
  }

  async version(): Promise<string> {
    return String(this.#changes);
  }

  async add({ passwordHash, ...rest }: NewUser): Promise<void> {
    if (this.#held.has(rest.username)) throw new Fault('USER_EXISTS', rest.username);
    const user = { ...rest, isDisabled: false, createdAt: now(), signedOutAt: undefined };
    this.#put({ user, passwordHash });
  }

  async disable(username: UserId): Promise<void> {
    const { user, passwordHash } = this.#known(username);
    this.#put({ user: { ...user, isDisabled: true, signedOutAt: now() }, passwordHash });
  }

  async enable(username: UserId): Promise<void> {
    const { user, passwordHash } = this.#known(username);
    this.#put({ user: { ...user, isDisabled: false }, passwordHash });
  }

  async setPassword(username: UserId, passwordHash: string): Promise<void> {
    this.#put({ user: { ...this.#known(username).user, signedOutAt: now() }, passwordHash });
  }

  #put(credentials: Credentials): void {
    this.#held.set(credentials.user.username, credentials);
    this.#changes++;
  }

  #known(username: UserId): Credentials {
    const held = this.#held.get(username);
    if (held === undefined) throw new Fault('USER_UNKNOWN', username);
    return held;
  }
}

const now = (): Micros => (Date.now() * 1000) as Micros;
