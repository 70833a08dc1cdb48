/** What PostgreSQL keeps from users who are not trusted with how the server is, and what lets ours see it. */
import type pg from 'pg';

/** The remedy, with the name of the user that we are there. */
export async function sightFor(client: Pick<pg.ClientBase, 'query'>): Promise<string> {
  const { rows } = await client.query<{ role: string }>('select quote_ident(current_user) as role');
  return `let the user of POSTGRES_URL see it: grant pg_monitor to ${rows[0]?.role}`;
}
