/** Every user in memory, a few seconds old at most: a disabled one is out however long the token still lives. */
import type { AccountId, UserId } from '../core/values/names.ts';
import { PERMISSIONS, type Permission, type Role } from './permissions.ts';
import type { User, Users } from './users.ts';

/** Someone who was let in. */
export interface Principal {
  readonly user: UserId;
  readonly role: Role;
  readonly account: AccountId;
  readonly permissions: ReadonlySet<Permission>;
  /** Tokens given out before this instant, in milliseconds since 1970, are taken no more. */
  readonly tokensSinceMs: number;
}

/** Clocks of nodes and of the database may differ so much, in milliseconds: a login just after a new password counts. */
const CLOCKS_APART_MS = 5_000;

/** A list that could not be read anew for so long is believed no more: somebody may have been disabled meanwhile. */
const STALE_MS = 60_000;

interface DirectoryOptions {
  /** Are the users with well-known passwords anybody? */
  readonly isDemo: boolean;
  /** Between two looks at the store, in milliseconds. Default 2,000. */
  readonly everyMs?: number;
  /** Told when the store could not be asked; the last known users stay. */
  readonly onTrouble?: (error: unknown) => void;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

export class Directory {
  readonly #users: Users;
  readonly #options: DirectoryOptions;
  #principals: ReadonlyMap<UserId, Principal> = new Map();
  #version: string | undefined;
  readonly #now: () => number;
  /** When the newest look that was answered began. */
  #seenAtMs = Number.NEGATIVE_INFINITY;
  /** The look under way or the last one: looks follow each other, so that no older list replaces a newer one. */
  #look: Promise<void> = Promise.resolve();
  #isLooking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(users: Users, options: DirectoryOptions) {
    this.#users = users;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Reads all users, and follows every change from then on. @throws Fault DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => {
      if (this.#isLooking) return; // the store is slow: do not queue up before it
      this.refresh().catch((error: unknown) => this.#options.onTrouble?.(error));
    }, this.#options.everyMs ?? 2_000);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Undefined for nobody, for the disabled, and for demo users outside demo mode. */
  find(username: UserId): Principal | undefined {
    return this.#principals.get(username);
  }

  /** Is it too long ago that the store could be asked? Then only what does no harm may be done: see HARMLESS. */
  get isStale(): boolean {
    return this.#now() - this.#seenAtMs > STALE_MS;
  }

  /** Looks at the store now. @throws Fault DATABASE_UNAVAILABLE */
  refresh(): Promise<void> {
    this.#look = this.#look.catch(() => {}).then(() => this.#refresh());
    return this.#look;
  }

  async #refresh(): Promise<void> {
    this.#isLooking = true;
    const askedAtMs = this.#now();
    try {
      const version = await this.#users.version(); // before the list: a change in between is seen next time
      if (version !== this.#version) await this.#read(version);
      this.#seenAtMs = askedAtMs;
    } finally {
      this.#isLooking = false;
    }
  }

  async #read(version: string): Promise<void> {
    const admitted = (await this.#users.list()).filter((user) => this.admits(user));
    this.#principals = new Map(admitted.map((user) => [user.username, principalOf(user)]));
    this.#version = version;
  }

  /** May this user come in at all? */
  admits(user: User): boolean {
    return !user.isDisabled && (this.#options.isDemo || !user.isDemo);
  }
}

const principalOf = ({ username, role, account, signedOutAt }: User): Principal => ({
  user: username,
  role,
  account,
  permissions: PERMISSIONS[role],
  tokensSinceMs: signedOutAt === undefined ? 0 : signedOutAt / 1000 - CLOCKS_APART_MS,
});
