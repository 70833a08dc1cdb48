/** `itirp cost` as an operator meets it: what it prints, and what it refuses. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Folder, itirp } from '../../test/server.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'deploy', 'prices.example.json');
const cost = (...args: string[]) => itirp(['cost', ...args], {});

test('without prices it tells machines and bytes, and no money', async () => {
  const ended = await cost('--orders-per-day', '1,000,000');
  expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('1,000,000 orders a day')]);
  expect(ended.output).toContain('no bill: give your prices with --prices FILE');
});

test('with prices it ends in a sum, also as JSON', async () => {
  const flags = ['--orders-per-day', '1000', '--prices', EXAMPLE, '--retention-days', '10'];
  expect((await cost(...flags)).output).toMatch(/^in all +\d+$/m);
  const { code, output } = await cost(...flags, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(output)).toMatchObject({
    workload: { ordersADay: 1_000, retentionDays: 10 },
    prices: { currency: 'EXAMPLE' },
    stands: [{ days: 10, bill: expect.any(Array) }],
  });
});

test.each([
  [['--orders-per-day', 'many'], 'It is a number from 0'],
  [['--orders-per-day', '-1'], 'It is a number from 0'],
  [['--orders-per-day', '1', '--peak-factor', '0.5'], 'It is a number from 1'],
  [[], '--orders-per-day'],
  [['--orders-per-day', '1', '--prices', '/nowhere/prices.json'], '[ARGUMENT_INVALID]'],
])('%j is a wrong command line', async (args, says) => {
  const ended = await cost(...args);
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(says)]);
});

test('a price list that is wrong is told what is wrong', async () => {
  const folder = await Folder.make();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'prices.json');
  await writeFile(file, '{"currency": "EUR", "core_hour": "cheap"}');
  const ended = await cost('--orders-per-day', '1', '--prices', file);
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('core_hour is no price')]);
});
