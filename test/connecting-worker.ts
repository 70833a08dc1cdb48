/** A worker thread that connects once to the URL it is given, and tells its parent what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { openClient } from '../src/database/pool.ts';

const { url } = workerData as { readonly url: string };
const client = openClient(url);
client.on('error', () => {});
try {
  await client.connect();
  const { rows } = await client.query<{ port: string }>("select current_setting('port') as port");
  parentPort?.postMessage(rows[0]?.port);
} catch (error) {
  parentPort?.postMessage(String(error));
} finally {
  await client.end();
}
