/** Who the platform knows: names, roles, accounts and password hashes, with a record of every change. */
import type { AccountId, Micros, UserId } from '../core/values/names.ts';
import type { Role } from './permissions.ts';

export interface User {
  /** Lower case. */
  readonly username: UserId;
  readonly role: Role;
  /** Where the user's positions are kept. */
  readonly account: AccountId;
  /** Has a password the world knows: nobody outside demo mode. */
  readonly isDemo: boolean;
  readonly isDisabled: boolean;
  readonly createdAt: Micros;
  /** When the password was last changed or the user disabled: older logins count no more. Undefined: never. */
  readonly signedOutAt: Micros | undefined;
}

export interface NewUser {
  readonly username: UserId;
  readonly passwordHash: string;
  readonly role: Role;
  readonly account: AccountId;
  readonly isDemo: boolean;
}

export interface Credentials {
  readonly user: User;
  readonly passwordHash: string;
}

/** Every method: @throws Fault DATABASE_UNAVAILABLE */
export interface Users {
  /** Undefined for a name nobody has. */
  credentials(username: UserId): Promise<Credentials | undefined>;
  /** By name. */
  list(): Promise<readonly User[]>;
  /** A text that is another one after every change to any user, whoever made it. */
  version(): Promise<string>;
  /** @throws Fault USER_EXISTS */
  add(user: NewUser, by: UserId): Promise<void>;
  /** Takes effect within seconds, also on tokens already given out. @throws Fault USER_UNKNOWN */
  disable(username: UserId, by: UserId): Promise<void>;
  /** @throws Fault USER_UNKNOWN */
  enable(username: UserId, by: UserId): Promise<void>;
  /** Ends the user's sessions as well. @throws Fault USER_UNKNOWN */
  setPassword(username: UserId, passwordHash: string, by: UserId): Promise<void>;
}

const USERNAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** The name as it is kept: lower case. Undefined where it can be nobody's. */
export function usernameOf(text: string): UserId | undefined {
  const name = text.toLowerCase();
  return USERNAME.test(name) ? (name as UserId) : undefined;
}
