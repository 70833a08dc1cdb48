/** A process of its own that uses the embedded database, for tests that kill it. Speaks JSON lines with its parent. */
import { openDatabase } from '../src/database/database.ts';
import { Fault } from '../src/faults/fault.ts';

const [dataDir, kind] = process.argv.slice(2);
if (dataDir === undefined) throw new TypeError('usage: database-user.ts DATA_DIR [exclusive]');

const say = (message: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const database = await openDatabase({ dataDir, exclusive: kind === 'exclusive' });
  const pool = database.pool({ connectionsMax: 1 });
  const { rows } = await pool.query<{ port: string }>("select current_setting('port') as port");
  say({ opened: true, url: database.url, port: rows[0]?.port });
  process.stdin.resume();
  process.stdin.once('end', () => {
    void database.close().then(() => say({ closed: true }));
  });
} catch (error) {
  say({ opened: false, code: error instanceof Fault ? error.code : 'none', message: String(error) });
}
