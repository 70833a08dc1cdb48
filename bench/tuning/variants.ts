/** What is tuned, one setting at a time, against servers that run as deploy/postgres/itirp.conf says. */

export interface Variant {
  /** As the table says it. */
  readonly name: string;
  /** Settings of the primary that differ from {@link AS_DEPLOYED}; all can be changed by a reload. */
  readonly server: Readonly<Record<string, string>>;
  /** Flags of the node process that differ from none. */
  readonly flags: readonly string[];
}

/** The part of deploy/postgres/itirp.conf that may make a difference to a commit, and the standby that it asks for. */
export const AS_DEPLOYED: Readonly<Record<string, string>> = {
  synchronous_standby_names: 'FIRST 1 (server_1)',
  wal_compression: 'on',
  wal_sync_method: 'fdatasync',
  commit_delay: '0',
  commit_siblings: '5',
  synchronous_commit: 'on',
};

const server = (name: string, settings: Readonly<Record<string, string>>): Variant => ({
  name,
  server: settings,
  flags: [],
});

export const VARIANTS: readonly Variant[] = [
  server('no standby to wait for', { synchronous_standby_names: '' }),
  server('synchronous_commit = off on the server', { synchronous_commit: 'off' }),
  server('wal_compression = off', { wal_compression: 'off' }),
  server('wal_sync_method = open_datasync', { wal_sync_method: 'open_datasync' }),
  server('commit_delay = 1000, commit_siblings = 0', { commit_delay: '1000', commit_siblings: '0' }),
  { name: 'node --max-semi-space-size=64', server: {}, flags: ['--max-semi-space-size=64'] },
];
