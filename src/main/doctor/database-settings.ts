/** What PostgreSQL is set to, and what each of it means for orders that were confirmed. */
import type pg from 'pg';
import { bad, type Finding, ok, warn } from './finding.ts';

/** The values of settings, as a session of ours has them. */
export type ServerSettings = ReadonlyMap<string, string>;

const POSTGRES = 'postgres';

interface Wish {
  readonly name: string;
  /** What is wrong with the value; undefined: nothing, or the server does not know the setting. */
  readonly trouble: (value: string, settings: ServerSettings) => string | undefined;
  readonly grade: 'warn' | 'bad';
  readonly remedy: string;
}

const unless = (good: string, says: string) => (value: string) => (value === good ? undefined : says);

const WISHES: readonly Wish[] = [
  {
    name: 'fsync',
    trouble: unless('on', 'a crash of its machine loses confirmed orders'),
    grade: 'bad',
    remedy: 'fsync = on, and reload',
  },
  {
    name: 'full_page_writes',
    trouble: unless('on', 'a crash of its machine may tear pages for good'),
    grade: 'bad',
    remedy: 'full_page_writes = on, and reload',
  },
  {
    name: 'synchronous_commit',
    trouble: (value, settings) => {
      if (value === 'off') return 'orders are confirmed before they are on disk';
      const isCut = ['local', 'remote_write'].includes(value) && standbysNamed(settings) !== '';
      return isCut ? 'orders are confirmed before the standby has them on disk' : undefined;
    },
    grade: 'bad',
    remedy: 'synchronous_commit = on, for the server and for the user of POSTGRES_URL',
  },
  {
    name: 'wal_level',
    trouble: (value) =>
      value === 'minimal' ? 'there can be neither a standby nor a copy by its log' : undefined,
    grade: 'warn',
    remedy: 'wal_level = replica, and restart',
  },
  {
    name: 'data_checksums',
    trouble: unless('on', 'a disk that changes what it keeps is not noticed'),
    grade: 'warn',
    remedy: 'stop it, run `pg_checksums --enable`, start it again',
  },
  {
    name: 'idle_session_timeout',
    trouble: unless('0', 'it ends connections by which a writer holds its shard'),
    grade: 'warn',
    remedy: 'idle_session_timeout = 0 for the user of POSTGRES_URL',
  },
  {
    name: 'transaction_timeout',
    trouble: unless('0', 'it ends backups and rebuilds, which are one long transaction each'),
    grade: 'warn',
    remedy: 'transaction_timeout = 0 for the user of POSTGRES_URL',
  },
  {
    name: 'TimeZone',
    trouble: (value) =>
      /^(Etc\/)?(UTC|GMT|UCT|Zulu)$/i.test(value) ? undefined : 'people who query it read local times',
    grade: 'warn',
    remedy: "timezone = 'UTC', and reload",
  },
];

const standbysNamed = (settings: ServerSettings): string =>
  settings.get('synchronous_standby_names')?.trim() ?? '';

export async function readServerSettings(client: Pick<pg.ClientBase, 'query'>): Promise<ServerSettings> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings',
  );
  return new Map(rows.map(({ name, setting }) => [name, setting]));
}

export function judgeSettings(settings: ServerSettings): readonly Finding[] {
  const troubles = WISHES.flatMap(({ name, trouble, grade, remedy }) => {
    const value = settings.get(name);
    const says = value === undefined ? undefined : trouble(value, settings);
    if (says === undefined) return [];
    return [(grade === 'bad' ? bad : warn)(POSTGRES, `${name} is ${value}: ${says}`, remedy)];
  });
  if (troubles.length > 0) return troubles;
  return [ok(POSTGRES, 'it keeps what it confirms: fsync, full_page_writes, synchronous_commit, checksums')];
}
