/** Users in PostgreSQL. Each change and the record of it are one statement, so neither is there without the other. */
import type pg from 'pg';
import type { AccountId, Micros, UserId } from '../core/values/names.ts';
import { asFault, codeOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import type { Role } from './permissions.ts';
import type { Credentials, NewUser, User, Users } from './users.ts';

/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505';

const USER_COLUMNS = `username, role, account, is_demo, disabled_at is not null as is_disabled,
  (extract(epoch from created_at) * 1000000)::bigint as created_at,
  (select (extract(epoch from max(changed_at)) * 1000000)::bigint from user_changes
   where user_changes.username = users.username and what in ('disabled', 'password')) as signed_out_at`;

interface UserRow {
  readonly username: UserId;
  readonly role: Role;
  readonly account: AccountId;
  readonly is_demo: boolean;
  readonly is_disabled: boolean;
  /** UTC microseconds. */
  readonly created_at: bigint;
  readonly signed_out_at: bigint | null;
}

const userOf = (row: UserRow): User => ({
  username: row.username,
  role: row.role,
  account: row.account,
  isDemo: row.is_demo,
  isDisabled: row.is_disabled,
  createdAt: Number(row.created_at) as Micros,
  signedOutAt: row.signed_out_at === null ? undefined : (Number(row.signed_out_at) as Micros),
});

export class PostgresUsers implements Users {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async credentials(username: UserId): Promise<Credentials | undefined> {
    const text = `select ${USER_COLUMNS}, password_hash from users where username = $1`;
    const [row] = await this.#query<UserRow & { readonly password_hash: string }>(text, [username]);
    return row === undefined ? undefined : { user: userOf(row), passwordHash: row.password_hash };
  }

  async list(): Promise<readonly User[]> {
    const rows = await this.#query<UserRow>(`select ${USER_COLUMNS} from users order by username`, []);
    return rows.map(userOf);
  }

  async version(): Promise<string> {
    // The count too: a change may commit after one with a higher id.
    const text = `select count(*) || '.' || coalesce(max(change_id), 0) as version from user_changes`;
    const [row] = await this.#query<{ readonly version: string }>(text, []);
    return row?.version ?? '';
  }

  async add(user: NewUser, by: UserId): Promise<void> {
    const text = `with added as (
        insert into users (username, password_hash, role, account, is_demo)
        values ($1, $2, $3, $4, $5) returning username)
      insert into user_changes (username, what, changed_by) select username, 'added', $6 from added`;
    const { username, passwordHash, role, account, isDemo } = user;
    await this.#query(text, [username, passwordHash, role, account, isDemo, by]).catch((error: unknown) => {
      const isTaken = codeOf(error) === UNIQUE_VIOLATION;
      throw isTaken ? new Fault('USER_EXISTS', username, { cause: error }) : error;
    });
  }

  disable(username: UserId, by: UserId): Promise<void> {
    return this.#change(username, 'disabled', 'disabled_at = coalesce(disabled_at, now())', by);
  }

  enable(username: UserId, by: UserId): Promise<void> {
    return this.#change(username, 'enabled', 'disabled_at = null', by);
  }

  setPassword(username: UserId, passwordHash: string, by: UserId): Promise<void> {
    return this.#change(username, 'password', 'password_hash = $4', by, passwordHash);
  }

  /** `assignment` is SQL of ours; what comes from outside is a parameter. */
  async #change(
    username: UserId,
    what: string,
    assignment: string,
    by: UserId,
    value?: string,
  ): Promise<void> {
    const text = `with changed as (update users set ${assignment} where username = $1 returning username)
      insert into user_changes (username, what, changed_by)
      select username, $2::text, $3::text from changed returning change_id`;
    const values = value === undefined ? [username, what, by] : [username, what, by, value];
    const rows = await this.#query(text, values);
    if (rows.length === 0) throw new Fault('USER_UNKNOWN', username);
  }

  async #query<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      const { rows } = await this.#pool.query(text, [...values]);
      return rows as readonly Row[];
    } catch (error) {
      throw asFault(error);
    }
  }
}
