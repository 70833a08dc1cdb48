/** The operator's hand: one command line, one subcommand a file. */
import { Command } from 'commander';
import { VERSION } from '../main/version.ts';
import { backupCommand } from './commands/backup.ts';
import { benchCommand } from './commands/bench.ts';
import { costCommand } from './commands/cost.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { drillCommand } from './commands/drill.ts';
import { healthCommand } from './commands/health.ts';
import { loadCommand } from './commands/load.ts';
import { migrateCommand } from './commands/migrate.ts';
import { newBusCommand } from './commands/new-bus.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { restoreCommand } from './commands/restore.ts';
import { serveCommand } from './commands/serve.ts';
import { userCommand } from './commands/user.ts';
import { verifyCommand } from './commands/verify.ts';
import { endWith, endWithLauncher } from './ending.ts';

const program = new Command('itirp')
  .description('Institutional Trading Infrastructure & Risk Platform')
  .version(VERSION)
  .showHelpAfterError('(add --help for what there is)')
  .addCommand(serveCommand())
  .addCommand(demoCommand())
  .addCommand(migrateCommand())
  .addCommand(verifyCommand())
  .addCommand(rebuildCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(drillCommand())
  .addCommand(newBusCommand())
  .addCommand(userCommand())
  .addCommand(doctorCommand())
  .addCommand(healthCommand())
  .addCommand(loadCommand())
  .addCommand(costCommand())
  .addCommand(benchCommand());

/** Does what the command line says; ends the process with what went wrong. */
export async function run(): Promise<void> {
  endWithLauncher();
  try {
    await program.parseAsync();
  } catch (error) {
    endWith(error);
  }
}
