/** docs/operations/failures.md: what dies, what users see and what to do, with the pauses that the tests measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table, withSection } from './markdown.ts';

const PAGE = 'docs/operations/failures.md';
export const FIGURES = 'docs/operations/failures.json';

/** Seconds by what was measured, as the tests name it. */
export type Figures = Readonly<Record<string, number>>;

export interface Failure {
  readonly what: string;
  readonly sees: string;
  readonly todo: string;
  /** The figures that belong to it; none where there is no pause to measure. */
  readonly measured: readonly string[];
}

const cut = (...names: readonly string[]): readonly string[] => names.map((name) => `${name} cut for 3 s`);
const longCut = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `${name} cut for 9 s`);
const alone = (...names: readonly string[]): readonly string[] => names.map((name) => `${name} cut for 14 s`);
const roll = (name: string): readonly string[] => [`rolling restart of ${name}`];

/** Processes and machines. */
const DEATHS: readonly Failure[] = [
  {
    what: 'An API node',
    sees: 'Its open requests break: unknown. The balancer leaves it after two checks',
    todo: 'Start it again',
    measured: ['API node killed'],
  },
  {
    what: 'All projectors and publishers',
    sees: 'Orders go on. Lists and looked-up orders lag, then `PROJECTION_BEHIND`; events on the topics come late, some twice',
    todo: 'Start them: they catch up by themselves',
    measured: ['all projectors and publishers killed'],
  },
  {
    what: 'An engine',
    sees: 'Orders of its shards wait for the session to run out (6 s) and the next owner; `202` meanwhile',
    todo: 'Start it again; a shard comes back to it',
    measured: ['engine killed, first order accepted by the new owner'],
  },
  {
    what: 'An engine that sleeps (a frozen machine) and wakes',
    sees: 'As above. Woken, it sends no order before the database has said whose the shard is, is refused there and ends (`JOURNAL_CONFLICT`, exit code not 0)',
    todo: 'Start it again; find out why it slept',
    measured: [],
  },
  {
    what: 'One Kafka broker of three',
    sees: 'A few seconds while its partitions get other leaders',
    todo: 'Start it again',
    measured: ['one broker of three lost'],
  },
  {
    what: 'All brokers, for 60 s',
    sees: '`BUS_UNAVAILABLE`, or unknown. Halts and cancels cannot be sent either, and no order is taken: to be sure, stop the engines',
    todo: 'Start them: what was confirmed is there, what is too old is denied. Lost for good: [`itirp new-bus`](backup.md)',
    measured: ['all brokers gone for 60 s and the time they take to start'],
  },
  {
    what: 'Commands on the bus twice, too late, or unreadable',
    sees: 'Nothing; `DEADLINE_PASSED`; nothing',
    todo: 'Look at `itirp.commands.dead`, and at who may write to the topic',
    measured: [],
  },
  {
    what: 'Redis, killed',
    sees: '`202` in place of answers (look the order up), rate limits by node, halts are confirmed late',
    todo: 'Start it again, empty; nothing has to be restored',
    measured: ['Redis killed'],
  },
  {
    what: 'Redis, emptied, slow, or an old copy of it',
    sees: 'Slower answers, some `202`; nothing old is shown as new',
    todo: 'Nothing',
    measured: [],
  },
  {
    what: 'PostgreSQL, killed and started after 2 s',
    sees: 'Unknown, then the same again',
    todo: 'Start it, or fail over: whichever is sooner',
    measured: ['PostgreSQL killed, and started after 2 s'],
  },
  {
    what: 'PostgreSQL’s primary for good, while commits wait',
    sees: 'Unknown for what waited: it was promised to nobody, and is asked for again',
    todo: '`failover`, then make the old one a standby',
    measured: ['PostgreSQL failed over, first order accepted in the slowest shard'],
  },
  {
    what: 'An old primary that comes back and takes writes',
    sees: 'Nothing: whoever connects takes the highest timeline',
    todo: 'Stop it, make it a standby (`pg_rewind`, or a copy)',
    measured: [],
  },
  {
    what: 'The standby',
    sees: 'Trading waits: nothing is promised that is on one disk alone',
    todo: 'Start it, or go on alone (`npm run stack -- alone`) knowing what that means',
    measured: [],
  },
  {
    what: 'The disk of PostgreSQL, full for 6 s',
    sees: 'Unknown or refused; PostgreSQL may end',
    todo: 'Make room, start it; or fail over',
    measured: ['disk of PostgreSQL full for 6 s'],
  },
];

/** The ways between them. */
const CUTS: readonly Failure[] = [
  {
    what: 'The way between API nodes and Kafka (3 s; both ways, either way)',
    sees: 'Unknown, then the same again',
    todo: 'The network',
    measured: cut('API nodes and Kafka', 'API nodes to Kafka', 'Kafka to API nodes'),
  },
  {
    what: 'The way between one API node and Kafka (9 s; both ways, either way)',
    sees: 'What this node was asked is unknown, then the same again; the other nodes answer',
    todo: 'The network',
    measured: longCut(
      'one API node alone and Kafka',
      'one API node alone to Kafka',
      'Kafka to one API node alone',
    ),
  },
  {
    what: 'The way between one Kafka broker and its two peers (14 s; both ways, or silence from them)',
    sees: 'Unknown, for as long as it is cut off or 15 s, in shards whose partition it led; a few seconds in the others',
    todo: 'The network; or stop the broker: then it is as where one is lost',
    measured: alone('a broker and its peers', 'a broker’s peers to it'),
  },
  {
    what: 'The way between one engine and Kafka (9 s; both ways, or silence from Kafka)',
    sees: 'Its shards move to another engine. Cut off, it is refused by the database and ends',
    todo: 'Start it again',
    measured: longCut('an engine and Kafka', 'Kafka to an engine'),
  },
  {
    what: 'The way between one engine and PostgreSQL (9 s)',
    sees: 'Its shards’ orders wait; unknown',
    todo: 'The network; the engine goes on by itself',
    measured: longCut('an engine and PostgreSQL'),
  },
  {
    what: 'The way between all engines and PostgreSQL (3 s; either way)',
    sees: 'Unknown, then the same again',
    todo: 'The network',
    measured: cut('PostgreSQL to engines', 'engines to PostgreSQL'),
  },
  {
    what: 'The way between API nodes or engines and Redis (3 s; both ways, one way)',
    sees: '`202` in place of answers',
    todo: 'The network',
    measured: cut('API nodes and Redis', 'Redis to API nodes', 'engines and Redis', 'engines to Redis'),
  },
  {
    what: 'The way between API nodes and PostgreSQL (3 s; both ways, one way)',
    sees: 'Logins and lists wait; orders of known accounts go on',
    todo: 'The network',
    measured: cut('API nodes and PostgreSQL', 'PostgreSQL to API nodes'),
  },
  {
    what: 'The way between HAProxy and one API node (3 s; both ways, one way)',
    sees: 'What it was asked is unknown. The balancer leaves it after two checks',
    todo: 'The network',
    measured: cut('HAProxy and an API node', 'an API node to HAProxy'),
  },
  {
    what: 'The way from HAProxy to all API nodes (3 s)',
    sees: '`503`, `504` or no answer: unknown, then the same again',
    todo: 'The network',
    measured: cut('HAProxy to all API nodes'),
  },
  {
    what: 'The ways of projectors and publishers to PostgreSQL, Kafka and Redis (3 s; both ways, one way)',
    sees: 'Orders go on. Lists and the topics lag; nothing is missing from them afterwards',
    todo: 'The network; they catch up by themselves',
    measured: cut(
      'publishers and Kafka, projectors and PostgreSQL',
      'Kafka to publishers, PostgreSQL to projectors',
      'publishers and PostgreSQL, projectors and Redis',
      'publishers to PostgreSQL',
    ),
  },
  {
    what: 'The way between PostgreSQL’s standby and primary (3 s; both ways, either way)',
    sees: 'Commits wait for it: unknown, then the same again',
    todo: 'The network; if it lasts, as where the standby is gone',
    measured: cut('standby and primary', 'primary to standby', 'standby to primary'),
  },
];

/** What somebody does on purpose. */
const RESTARTS: readonly Failure[] = [
  {
    what: 'Every role of ITIRP restarted, node by node',
    sees: '`202` while a shard moves; at worst a closed connection: unknown',
    todo: 'Nothing: [changing it while it runs](changes.md)',
    measured: roll('every role'),
  },
  {
    what: 'Kafka restarted, broker by broker',
    sees: 'At each broker as where one is lost, though it hands its partitions over',
    todo: 'The next only when every partition has all its copies again',
    measured: roll('Kafka'),
  },
  {
    what: 'Redis and HAProxy restarted',
    sees: 'As where Redis is killed; connections to the balancer break: unknown',
    todo: 'Nothing',
    measured: roll('Redis and HAProxy'),
  },
  {
    what: 'PostgreSQL restarted: the standby, then the roles change hands',
    sees: 'Commits wait while one of the two is away: unknown, then the same again',
    todo: 'The standby first; the old primary is stopped before the other is promoted',
    measured: roll('PostgreSQL'),
  },
];

export const FAILURES: readonly Failure[] = [...DEATHS, ...CUTS, ...RESTARTS];

/** `3.2 to 3.8 s`; empty where nothing is measured. @throws Error naming a figure that there is not */
export function pauseOf({ measured }: Pick<Failure, 'measured'>, figures: Figures): string {
  const found = measured.map((name) => {
    const figure = figures[name];
    if (figure === undefined) throw new Error(`${name} was not measured`);
    return figure;
  });
  if (found.length === 0) return '';
  const [least, most] = [Math.min(...found).toFixed(1), Math.max(...found).toFixed(1)];
  return least === most ? `${most} s` : `${least} to ${most} s`;
}

/** The page is written by hand; its table is made of the rows here and the figures that were kept. */
export function failuresPage(root: string): string {
  const figures = JSON.parse(readFileSync(join(root, FIGURES), 'utf8')) as Figures;
  const heads = ['What', 'What users see', 'What to do', 'Longest pause'];
  const rows = FAILURES.map((each) => [each.what, each.sees, each.todo, pauseOf(each, figures)]);
  return withSection(readFileSync(join(root, PAGE), 'utf8'), 'measured', table(heads, rows));
}
