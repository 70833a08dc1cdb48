/**
 * `npm run docs:dashboards`: Prometheus beside the running stack, `stack:drill` on it, and then each dashboard drawn from
 * what was scraped. With `-- --url URL --minutes N` it draws what another Prometheus has seen in its last minutes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
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
/** Seen before the first order and after the last one, in milliseconds. */
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

/** Kills one part after another under load; what it says is shown. @throws Error when it could not be begun */
async function drill(): Promise<void> {
  const child = spawn(process.execPath, [DRILL], { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) say('the drill did not end well: what was scraped is drawn all the same');
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
    await drill();
    await sleep(CALM_MS);
    await draw(server.url, from, SCRAPE_SECONDS);
  } finally {
    await server.stop();
  }
}

async function draw(url: string, from: number, scrapeSeconds: number): Promise<void> {
  const span = spanOf(from, nowSeconds());
  for (const path of await drawAll(new Prometheus(url), span, scrapeSeconds, ROOT)) say(path);
}

const { values } = parseArgs({ options: { url: { type: 'string' }, minutes: { type: 'string' } } });
if (values.url === undefined) await drawTheStack();
else await draw(values.url, nowSeconds() - 60 * Number(values.minutes ?? '15'), 5);
