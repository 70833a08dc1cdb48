/** `itirp rebuild`: makes what is derived anew from the journal, and proves the live read models equal. */
import { Command } from 'commander';
import type { Database } from '../../database/database.ts';
import { shardsOf } from '../../main/roles.ts';
import { forgetSnapshots, journalIn, snapshotsIn } from '../../main/tools.ts';
import { type RebuildReport, rebuild } from '../../projections/rebuild.ts';
import { catchUpViews, foldFromGenesis } from '../derive.ts';
import { EXIT_WRONG } from '../ending.ts';
import { ProgressLine, share } from '../progress-line.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface RebuildFlags extends DatabaseFlags {
  readonly apply?: boolean;
  readonly fromEvents?: boolean;
  readonly json?: boolean;
}

export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description('rebuild the read models from the journal and compare; exit code 1 when they differ')
    .option('--apply', 'put the live read models right where they differ')
    .option(
      '--from-events',
      'everything derivable: the snapshots too, and the read models to the newest fact',
    )
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print the report as JSON')
    .action(async (flags: RebuildFlags) => {
      const line = new ProgressLine();
      const report = await withDatabase(flags, (database, config) =>
        derive(database, shardsOf(config), flags, line),
      );
      line.end();
      console.log(flags.json === true ? JSON.stringify(plain(report)) : inWords(report));
      if (!report.equal && !report.applied) process.exitCode = EXIT_WRONG;
    });

/** The snapshots first: a fold that does not come to its end leaves everything as it was. */
async function derive(
  database: Database,
  shards: readonly string[],
  { apply, fromEvents }: RebuildFlags,
  line: ProgressLine,
): Promise<RebuildReport> {
  const tell = (what: string) => (shard: string, position: number, end: number) =>
    line.show(`${what} ${shard}: ${share(position, end)}`);
  const sources = shards.map((shard) => ({ shard, journal: journalIn(database, shard) }));
  if (fromEvents === true) {
    for (const { shard, journal } of sources) {
      const { position: end } = await journal.head();
      const folding = tell('folding');
      const state = await foldFromGenesis(journal, (position) => folding(shard, position, end));
      await forgetSnapshots(database, shard);
      if (state !== undefined) await snapshotsIn(database, shard).save(state);
    }
  }
  const pool = database.pool({ applicationName: 'itirp rebuild', statementTimeoutMs: 0 });
  const report = await rebuild({
    url: database.url,
    pool,
    sources,
    apply: apply === true || fromEvents === true,
    onProgress: ({ shard, position, target }) => tell('rebuilding')(shard, position, target),
  });
  if (fromEvents === true) await catchUpViews(pool, sources, tell('catching up'));
  return report;
}

function inWords({ equal, applied, tables }: RebuildReport): string {
  const rows = tables.map((table) => {
    const verdict = table.firstDifference === undefined ? 'equal' : `DIFFERS: ${table.firstDifference}`;
    return `  ${table.table.padEnd(14)} ${String(table.rows).padStart(10)} rows   ${verdict}`;
  });
  const end = equal
    ? 'equal: the read models are what the journal says'
    : applied
      ? 'the read models differed and have been put right'
      : 'DIFFERENT: run again with --apply to put them right';
  return [...rows, end].join('\n');
}

const plain = ({ equal, applied, positions, tables }: RebuildReport): unknown => ({
  equal,
  applied,
  positions: Object.fromEntries(positions),
  tables,
});
