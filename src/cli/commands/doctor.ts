/** `itirp doctor`: looks at everything a node needs before it is started, and says what is wrong and what helps. */
import { Command } from 'commander';
import { overlaid } from '../../main/setting-files.ts';
import { EXIT_WRONG } from '../ending.ts';
import { findingsText } from '../findings-text.ts';
import type { DatabaseFlags } from '../with-database.ts';

interface Flags extends DatabaseFlags {
  readonly json?: boolean;
  readonly demo?: boolean;
}

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('examine settings, secrets, services, disks, backups; exit code 1 when something is bad')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--demo', 'as `itirp serve --demo` runs it (ENVIRONMENT=demo)')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nIt changes nothing, and shows no secret. Run it with the settings of the node in question.',
    )
    .action(async ({ dataDir, json, demo }: Flags) => {
      const { examine } = await import('../../main/doctor/examine.ts'); // with the libraries of every service
      const findings = await examine(
        overlaid(process.env, {
          ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }),
          ...(demo === true ? { ENVIRONMENT: 'demo' } : {}),
        }),
      );
      const text = json === true ? JSON.stringify(findings, undefined, 2) : findingsText(findings);
      const code = findings.some(({ grade }) => grade === 'bad') ? EXIT_WRONG : 0;
      process.stdout.write(`${text}\n`, () => process.exit(code)); // what hangs is not waited for
    });
