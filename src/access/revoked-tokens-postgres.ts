/** Revoked tokens in PostgreSQL: what is taken back stays taken back, whatever becomes of Redis. */
import type pg from 'pg';
import { asFault } from '../database/outage.ts';
import type { Revocation, RevokedSince, RevokedTokens } from './revoked-tokens.ts';

/** A statement that began so long before a look may commit after it: each look goes back so far. */
const OVERLAP = '30 seconds';
/** Rows are kept so long after they are over, for who looks into an incident. */
const KEPT = '30 days';

interface Row {
  readonly token_id: string;
  /** Milliseconds since 1970. */
  readonly expires_ms: number;
}

export class PostgresRevokedTokens implements RevokedTokens {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async add(revocations: readonly Revocation[]): Promise<void> {
    const text = `insert into revoked_tokens (token_id, username, why, expires_at)
      select id, who, why, to_timestamp(ms / 1000.0)
      from unnest($1::text[], $2::text[], $3::text[], $4::float8[]) as given (id, who, why, ms)
      on conflict (token_id) do nothing`;
    await this.#query(text, [
      revocations.map(({ tokenId }) => tokenId),
      revocations.map(({ user }) => user),
      revocations.map(({ why }) => why),
      revocations.map(({ expiresAtMs }) => expiresAtMs),
    ]);
    await this.#query(`delete from revoked_tokens where expires_at < now() - interval '${KEPT}'`, []);
  }

  async since(mark: string | undefined): Promise<RevokedSince> {
    const [now] = await this.#query<{ readonly mark: string }>('select now()::text as mark', []);
    const text = `select token_id, (extract(epoch from expires_at) * 1000)::float8 as expires_ms
      from revoked_tokens
      where expires_at > now() and ($1::timestamptz is null or revoked_at > $1::timestamptz - interval '${OVERLAP}')`;
    const rows = await this.#query<Row>(text, [mark ?? null]);
    const revoked = rows.map((row) => ({ tokenId: row.token_id, expiresAtMs: row.expires_ms }));
    return { revoked, mark: now?.mark ?? '' };
  }

  async #query<Found>(text: string, values: readonly unknown[]): Promise<readonly Found[]> {
    try {
      const { rows } = await this.#pool.query(text, [...values]);
      return rows as readonly Found[];
    } catch (error) {
      throw asFault(error);
    }
  }
}
