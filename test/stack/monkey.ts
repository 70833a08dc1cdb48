/**
 * `npm run stack:drill`: the running stack under load through HAProxy while one part after another is killed and
 * started again; then every law held against what the clients saw, the journal and the views. Exit code 1 when one is
 * broken.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, start } from '../../stack/operations.ts';
import { Stack } from '../../stack/stack.ts';
import { check } from './checker/checker.ts';
import { holds, tableOf } from './checker/verdict.ts';
import { HouseUnderLoad, LATEST_MS, moreKnown } from './house-under-load.ts';
import type { Load } from './load/load.ts';

const RATE = Number(process.env.DRILL_RATE ?? 20);
/** How long a part is away, in milliseconds. */
const AWAY_MS = 3_000;
/** Orders whose fate must be known between two kills. */
const BETWEEN = 100;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function killAndStart(stack: Stack, name: string): Promise<void> {
  await kill(stack, name);
  await sleep(AWAY_MS);
  await start(stack, name);
}

/** The standby takes over from a primary that is killed, and the old primary becomes its standby. */
async function failover({ postgres }: Stack): Promise<void> {
  await postgres.failover({ fence: 'kill', rebuild: false });
  await sleep(AWAY_MS);
  await postgres.rebuild();
}

type Kill = readonly [what: string, how: (stack: Stack) => Promise<void>];

const KILLS: readonly Kill[] = [
  ...['engine-1', 'engine-2', 'engine-3', 'api-1', 'api-2', 'api-3', 'projector-1', 'projector-2'].map(
    killed,
  ),
  ...['publisher-1', 'publisher-2', 'kafka-1', 'kafka-3', 'redis'].map(killed),
  ['PostgreSQL primary, its standby takes over', failover],
  ['PostgreSQL primary, and back again', failover],
];

function killed(name: string): Kill {
  return [name, (stack) => killAndStart(stack, name)];
}

/** @throws Error when orders do not flow again after a kill */
async function killEach(stack: Stack, load: Load): Promise<void> {
  for (const [what, how] of KILLS) {
    const before = load.figures.known;
    await how(stack);
    const meanwhile = load.figures.known - before;
    const ms = await moreKnown(load, BETWEEN);
    const rate = Math.round((BETWEEN * 1000) / ms);
    say(`  ✓ killed ${what.padEnd(44)} ${String(meanwhile).padStart(5)} orders meanwhile, then ${rate}/s`);
  }
}

async function drill(): Promise<boolean> {
  const stack = await Stack.open();
  await stack.up();
  const house = new HouseUnderLoad(stack);
  const since = Date.now();
  const load = await house.prepareLoad('drill', RATE);
  say(`${RATE} orders a second through ${stack.url}, while one part after another is killed`);
  load.start();
  await moreKnown(load, BETWEEN);
  await load.haltForAMoment();
  await killEach(stack, load);
  await load.haltForAMoment();
  const figures = await load.stop();
  say(`${figures.begun} orders sent, the fate of ${figures.known} known, ${figures.shed} not sent in time`);
  say('reading the journal, and building the views anew …');
  const verdicts = check(await house.evidence(true), {
    latestMs: LATEST_MS,
    since,
    needs: { orders: 500, unknown: 1, retries: 10, cancels: 20, looks: 20, fills: 200, halts: 4, tried: 20 },
  });
  say(tableOf(verdicts));
  return figures.known === figures.begun && verdicts.every(holds);
}

if (process.argv.length > 2) {
  say('npm run stack:drill kills one part of the running stack after another, and takes some five minutes.');
  say('DRILL_RATE=20: orders a second. Broken off, it leaves a part down: npm run stack:up repairs that.');
  process.exit(2);
}
const isSound = await drill();
say(isSound ? 'every law holds' : 'BROKEN: see above');
process.exit(isSound ? 0 : 1);
