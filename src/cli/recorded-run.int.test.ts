/** What maintenance leaves behind, however it ends: well, badly, interrupted, or killed; and never a secret. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { readMaintenance } from '../database/maintenance.ts';
import { openPool } from '../database/pool.ts';
import { LastWords } from './last-words.ts';
import { recordedRun, type Told } from './recorded-run.ts';

let pool: pg.Pool;
let url: string;
beforeEach(async () => {
  url = await freshSchema();
  pool = openPool(url, { connectionsMax: 2 });
});
afterEach(() => pool.end());

interface Row {
  readonly outcome: string;
  readonly figures: unknown;
}
const written = async (): Promise<readonly Row[]> =>
  (await pool.query<Row>("select outcome, figures from maintenance_runs order by outcome = 'begun' desc, at"))
    .rows;
const outcomes = async (): Promise<readonly string[]> => (await written()).map(({ outcome }) => outcome);

const recorded = (work: () => Promise<Told>, lastWords = new LastWords(), looks = pool) =>
  recordedRun({ database: { looks, url }, lastWords }, 'drill', work, (told) => told);

function stderr(): string[] {
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  onTestFinished(() => spy.mockRestore());
  return said;
}

test('it has begun before it does anything, and ends as it says', async () => {
  await recorded(async () => {
    expect(await outcomes()).toEqual(['begun']);
    return { isGood: true, figures: { rto_seconds: 3, wrong: undefined } };
  });
  expect(await written()).toEqual([
    { outcome: 'begun', figures: {} },
    { outcome: 'good', figures: { rto_seconds: 3 } },
  ]);
});

test('what is written for good, or said, holds no secret of the settings', async () => {
  const secret = 'only-we-know-this';
  vi.stubEnv('S3_SECRET_ACCESS_KEY', secret);
  onTestFinished(() => void vi.unstubAllEnvs());
  const said = stderr();
  const fail = async (): Promise<Told> => {
    throw new Error(`refused: ${secret}, at s3://bucket`);
  };
  await expect(recorded(fail)).rejects.toThrow(secret); // endWith censors it
  await recorded(async () => ({
    isGood: false,
    figures: { wrong: [{ says: `the key is ${secret}` }], n: 7 },
  }));
  const text = JSON.stringify(await written());
  expect(text).not.toContain(secret);
  expect(text).toContain('refused: [redacted], at s3://bucket');
  expect((await written()).at(-1)?.figures).toEqual({ wrong: [{ says: 'the key is [redacted]' }], n: 7 });
  const deaf = { query: () => Promise.reject(new Error(`no way with ${secret}`)) } as never;
  await recorded(async () => ({ isGood: true, figures: {} }), new LastWords(), deaf);
  expect(said.join('')).toMatch(/that it began could not be recorded: no way with \[redacted\]/);
  expect(said.join('')).not.toContain(secret);
});

test('interrupted work has ended so, whatever becomes of it then', async () => {
  const lastWords = new LastWords();
  const cut = async (): Promise<Told> => {
    await lastWords.say();
    throw new Error('the database was closed');
  };
  await expect(recorded(cut, lastWords)).rejects.toThrow('closed');
  expect(await outcomes()).toEqual(['begun', 'interrupted']);
  await lastWords.say(); // it is over: there is nothing left to say
  expect(await outcomes()).toEqual(['begun', 'interrupted']);
});

const LAUNCHER = new URL('../../bin/itirp.js', import.meta.url).pathname;

/** A proof that has begun and gets no further: the journal is locked. */
async function stuckVerify(): Promise<ChildProcess> {
  const locker = new pg.Client({ connectionString: url });
  await locker.connect();
  onTestFinished(() => locker.end());
  await locker.query('begin');
  await locker.query('lock table journal in access exclusive mode');
  const env = { ...process.env, POSTGRES_URL: url };
  const child = spawn(process.execPath, [LAUNCHER, 'verify'], { env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect.poll(outcomes, { timeout: 30_000 }).toEqual(['begun']);
  return child;
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a tool that gets %s says that it was interrupted', { timeout: 60_000 }, async (signal, code) => {
  const child = await stuckVerify();
  child.kill(signal);
  const [ended] = await once(child, 'close');
  expect(ended).toBe(code);
  expect(await outcomes()).toEqual(['begun', 'interrupted']);
  expect((await readMaintenance(pool)).kinds).toMatchObject([{ kind: 'verify', isGood: false }]);
});

test('a tool that is killed leaves that it began, and counts as failed at once', {
  timeout: 60_000,
}, async () => {
  const child = await stuckVerify();
  expect((await readMaintenance(pool)).kinds).toEqual([]); // it is under way
  child.kill('SIGKILL');
  await once(child, 'close');
  const kinds = async () => (await readMaintenance(pool)).kinds;
  await expect.poll(kinds, { timeout: 20_000 }).toMatchObject([{ kind: 'verify', isGood: false }]);
  expect(await outcomes()).toEqual(['begun']);
});

test('a run is held before it shows, and until its end is written', async () => {
  const kinds = async () => (await readMaintenance(pool)).kinds;
  const heldAtBeginning: unknown[] = [];
  const query = async (sql: string, values?: unknown[]): Promise<unknown> => {
    const written = await pool.query(sql, values);
    heldAtBeginning.push(await kinds());
    return written;
  };
  await recorded(
    async () => {
      expect(await kinds()).toEqual([]);
      return { isGood: true, figures: {} };
    },
    new LastWords(),
    { query } as never,
  );
  expect(heldAtBeginning).toMatchObject([[], [{ kind: 'drill', isGood: true }]]);
});
