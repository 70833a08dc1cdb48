/** `itirp migrate`: brings the database to what this program expects, and starts nothing. */
import { Command } from 'commander';
import { openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrations.ts';
import { type DatabaseFlags, toolConfig } from '../with-database.ts';

export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('bring the database schema up to date (also done at every start)')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .action(async (flags: DatabaseFlags) => {
      const { DATA_DIR: dataDir, POSTGRES_URL: url } = toolConfig(flags);
      const database = await openDatabase({ dataDir, url, exclusive: false });
      try {
        const applied = await migrate(database.url);
        for (const name of applied) console.log(`applied ${name}`);
        console.log(applied.length === 0 ? 'the schema is up to date' : `${applied.length} applied`);
      } finally {
        await database.close();
      }
    });
