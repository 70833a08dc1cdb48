/** A process of its own that competes for a job, for tests that kill or pause it. Writes a line for each word it hears. */
import { Leadership } from '../src/database/leadership.ts';

const [url] = process.argv.slice(2);
if (url === undefined) throw new TypeError('usage: leader.ts POSTGRES_URL');

const say = (word: string) => process.stdout.write(`${word}\n`);
new Leadership({ url }).lead(
  'projector',
  'main',
  () => say('leads'),
  () => say('lost'),
);
