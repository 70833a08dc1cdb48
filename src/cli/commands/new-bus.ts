/** `itirp new-bus`: the Kafka cluster of the deployment is lost or was emptied, and its nodes are to begin on another. */
import { Command } from 'commander';
import { type LeftBus, leaveBus } from '../../database/new-bus.ts';
import { leftInWords } from '../left-bus.ts';
import { operator } from '../operator.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface Flags extends DatabaseFlags {
  readonly reason: string;
  readonly json?: boolean;
}

export const newBusCommand = (): Command =>
  new Command('new-bus')
    .description('leave the Kafka cluster for good, with every node stopped: it is lost, or was emptied')
    .requiredOption('--reason <text>', 'why, for the record (table left_buses)')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print what was left as JSON')
    .action(async (flags: Flags) => {
      const leave = { by: operator(), reason: flags.reason };
      const left = await withDatabase(flags, (database) => leaveBus(database.pool(), leave), {
        isAlone: true,
      });
      console.log(flags.json === true ? JSON.stringify(plain(left)) : inWords(left));
    });

const inWords = (left: LeftBus | undefined): string =>
  left === undefined ? 'the database knows of no bus: nothing to leave' : leftInWords(left);

const plain = (left: LeftBus | undefined): unknown => ({
  left_bus: left?.bus ?? null,
  number: left?.number ?? null,
  marks: left?.marks ?? {},
  was_left: left?.wasLeft ?? false,
});
