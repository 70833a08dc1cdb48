/** `itirp rebuild`: makes the SQL views anew from the journal and proves the live ones equal. */
import { Command } from 'commander';
import { journalIn } from '../../main/tools.ts';
import { type RebuildReport, rebuild } from '../../projections/rebuild.ts';
import { EXIT_WRONG } from '../ending.ts';
import { ProgressLine, share } from '../progress-line.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface RebuildFlags extends DatabaseFlags {
  readonly apply?: boolean;
  readonly json?: boolean;
}

export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description('rebuild the read models from the journal and compare; exit code 1 when they differ')
    .option('--apply', 'put the live read models right where they differ')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print the report as JSON')
    .action(async (flags: RebuildFlags) => {
      const line = new ProgressLine();
      const report = await withDatabase(flags, (database, { SHARD: shard }) =>
        rebuild({
          url: database.url,
          pool: database.pool({ applicationName: 'itirp rebuild', statementTimeoutMs: 0 }),
          sources: [{ shard, journal: journalIn(database, shard) }],
          apply: flags.apply === true,
          onProgress: ({ position, target }) => line.show(`rebuilding: ${share(position, target)}`),
        }),
      );
      line.end();
      console.log(flags.json === true ? JSON.stringify(plain(report)) : inWords(report));
      if (!report.equal && !report.applied) process.exitCode = EXIT_WRONG;
    });

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
