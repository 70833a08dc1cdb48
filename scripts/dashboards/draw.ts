/**
 * `npm run docs:dashboards`: Prometheus beside the running stack, `stack:drill` on it, and then each dashboard drawn from
 * what was scraped. With `-- --url URL` it draws what another Prometheus has seen: `--minutes 15`, `--until` now (or a time),
 * scraped `--every 5` seconds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { itirp } from '../../stack/itirp.ts';
import { PrometheusServer } from '../../stack/prometheus.ts';
import { stackFolder } from '../../stack/software.ts';
import { Stack } from '../../stack/stack.ts';
import { targetsOf } from '../../stack/targets.ts';
import { drawAll, spanOf } from './drawing.ts';
import { Prometheus } from './prometheus.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DRILL = join(ROOT, 'test', 'stack', 'monkey.ts');
const SCRAPE_SECONDS = 2;
/** Seen before the first order, in milliseconds. */
const CALM_MS = 20_000;

const say = (words: string): void => {
  process.stdout.write(`${words}\n`);
};
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** What operators do in time, so that the dashboard has something to tell of it. */
async function maintain({ toolSettings, folder }: Stack): Promise<void> {
  const settings = { ...toolSettings, BACKUP_TO: join(folder, 'backups') };
  for (const command of ['verify', 'backup', 'drill']) await itirp([command], settings);
}

/**
 * Kills one part after another under load; what it says is shown. Resolves with the moment of the last kill, in seconds:
 * after it there is no load to be seen.
 */
async function drill(): Promise<number> {
  const child = spawn(process.execPath, [DRILL], { stdio: ['ignore', 'pipe', 'inherit'] });
  let lastKill = nowSeconds();
  createInterface({ input: child.stdout }).on('line', (line) => {
    say(line);
    if (line.includes('killed')) lastKill = nowSeconds();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) say('the drill did not end well: what was scraped is drawn all the same');
  return lastKill;
}

async function drawTheStack(): Promise<void> {
  const stack = await Stack.open({ say });
  await stack.up();
  const folder = join(stackFolder(), 'prometheus');
  const server = await PrometheusServer.open({
    folder,
    targets: targetsOf(stack),
    everySeconds: SCRAPE_SECONDS,
    say,
  });
  await server.start();
  say(`Prometheus at ${server.url}`);
  try {
    await maintain(stack);
    const from = nowSeconds();
    await sleep(CALM_MS);
    const to = await drill();
    await draw(server.url, { from, to, every: SCRAPE_SECONDS });
  } finally {
    await server.stop();
  }
}

/** All in seconds. */
interface Seen {
  readonly from: number;
  readonly to: number;
  readonly every: number;
}

async function draw(url: string, { from, to, every }: Seen): Promise<void> {
  for (const path of await drawAll(new Prometheus(url), spanOf(from, to), every, ROOT)) say(path);
}

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    until: { type: 'string', default: new Date().toISOString() },
    minutes: { type: 'string', default: '15' },
    every: { type: 'string', default: '5' },
  },
});
if (values.url === undefined) await drawTheStack();
else {
  const to = Math.floor(Date.parse(values.until) / 1000);
  const from = to - 60 * Number(values.minutes);
  await draw(values.url, { from, to, every: Number(values.every) });
}
