/** Holds two copies of the views against each other inside the database: every row, every column, as text. */
import pg from 'pg';

interface View {
  readonly table: string;
  readonly key: readonly string[];
  /** The part that the journal determines; all of it where nothing is said. */
  readonly columns?: readonly string[];
  readonly where?: string;
  /** Cut by this time: what the house-keeping has forgotten of it is no difference. */
  readonly time?: string;
}

/** All that is folded from the journal. */
export const VIEWS: readonly View[] = [
  { table: 'events', key: ['event_id'], time: '"timestamp"' },
  { table: 'orders', key: ['order_id'] },
  { table: 'executions', key: ['order_id', 'execution_id'], time: 'executed_at' },
  { table: 'positions', key: ['shard', 'account', 'symbol'] },
  // A status that all orders have left may stay behind as a zero: it depends on how the journal was cut.
  { table: 'order_counts', key: ['user_id', 'symbol', 'status'], where: 'n <> 0' },
  {
    table: 'projection_positions',
    key: ['name', 'shard'],
    columns: ['name', 'shard', 'position', 'event_rows'],
  },
];

export interface TableReport {
  readonly table: string;
  readonly rows: number;
  readonly rebuiltRows: number;
  /** Of all rows together, in whatever order; equal for equal tables. */
  readonly digest: string;
  readonly rebuiltDigest: string;
  readonly equal: boolean;
  /** In words, the first row in the order of the key that is not what the journal says. */
  readonly firstDifference: string | undefined;
}

/** Compares the views in the schemas `live` and `rebuilt`, as the transaction of `client` sees them. */
export async function compareViews(
  client: pg.ClientBase,
  live: string,
  rebuilt: string,
): Promise<readonly TableReport[]> {
  const reports: TableReport[] = [];
  for (const view of VIEWS) reports.push(await compare(client, view, live, rebuilt));
  return reports;
}

async function compare(
  client: pg.ClientBase,
  view: View,
  live: string,
  rebuilt: string,
): Promise<TableReport> {
  const ours = await digestOf(client, rowsOf(view, live, live));
  const theirs = await digestOf(client, rowsOf(view, rebuilt, live));
  const equal = ours.rows === theirs.rows && ours.digest === theirs.digest;
  return {
    table: view.table,
    rows: ours.rows,
    rebuiltRows: theirs.rows,
    digest: ours.digest,
    rebuiltDigest: theirs.digest,
    equal,
    firstDifference: equal ? undefined : await firstDifference(client, view, live, rebuilt),
  };
}

/** Makes the rows of `live` those of `rebuilt`: only what differs is touched, so grants, indexes and readers stay. */
export async function repairView(
  client: pg.ClientBase,
  view: View,
  live: string,
  rebuilt: string,
): Promise<void> {
  const ours = `${pg.escapeIdentifier(live)}.${view.table}`;
  const theirs = `${pg.escapeIdentifier(rebuilt)}.${view.table}`;
  const match = view.key.map((column) => `l.${column} = r.${column}`).join(' and ');
  await client.query(`
    delete from ${ours} l
    where not exists (select 1 from ${theirs} r where ${match} and r::text = l::text)`);
  await client.query(`
    insert into ${ours} select * from (${rowsOf(view, rebuilt, live)}) r
    where not exists (select 1 from ${ours} l where ${match})`);
}

/** The rows of `schema` that are to be equal; those before what `live` still keeps are not. */
function rowsOf({ table, columns, where, time }: View, schema: string, live: string): string {
  const conditions = where === undefined ? [] : [where];
  if (time !== undefined) {
    const keeping = `${pg.escapeIdentifier(live)}.time_tables`;
    conditions.push(`${time} >= (select kept_from from ${keeping} where relation = '${table}')`);
  }
  const from = `${pg.escapeIdentifier(schema)}.${table}`;
  const clause = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  return `select ${columns?.join(', ') ?? '*'} from ${from} ${clause}`;
}

/** Two sums of 64-bit hashes of each row's text: no sort, no memory, one walk. */
async function digestOf(client: pg.ClientBase, rows: string): Promise<{ rows: number; digest: string }> {
  const found = await client.query<{ n: bigint; digest: string }>(`
    select count(*) as n,
           encode(sha256(convert_to(concat_ws(' ', count(*), sum(hashtextextended(t::text, 0)),
                                              sum(hashtextextended(t::text, 1))), 'UTF8')), 'hex') as digest
    from (${rows}) t`);
  const row = found.rows[0];
  return { rows: Number(row?.n ?? 0n), digest: row?.digest ?? '' };
}

interface Pair {
  readonly live: Readonly<Record<string, unknown>> | null;
  readonly rebuilt: Readonly<Record<string, unknown>> | null;
}

async function firstDifference(
  client: pg.ClientBase,
  view: View,
  live: string,
  rebuilt: string,
): Promise<string> {
  const match = view.key.map((column) => `l.${column} = r.${column}`).join(' and ');
  const order = view.key.map((column) => `coalesce(l.${column}, r.${column})`).join(', ');
  // Columns as text: what is told is exactly what was compared, and no decimal passes through a double.
  const texts = (row: string): string =>
    `(select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(${row})))`;
  const found = await client.query<Pair>(`
    select ${texts('l')} as live, ${texts('r')} as rebuilt
    from (${rowsOf(view, live, live)}) l full join (${rowsOf(view, rebuilt, live)}) r on ${match}
    where l::text is distinct from r::text
    order by ${order} limit 1`);
  const pair = found.rows[0];
  return pair === undefined ? 'rows differ in a way that no key tells' : inWords(view, pair);
}

function inWords({ key }: View, { live, rebuilt }: Pair): string {
  const named = live ?? rebuilt ?? {};
  const name = key.map((column) => `${column} ${String(named[column])}`).join(', ');
  if (live === null) return `${name}: missing`;
  if (rebuilt === null) return `${name}: not in the journal`;
  const columns = Object.keys(rebuilt).filter((column) => live[column] !== rebuilt[column]);
  const told = columns.map(
    (column) => `${column} is ${String(live[column])}, the journal says ${String(rebuilt[column])}`,
  );
  return `${name}: ${told.join('; ')}`;
}
