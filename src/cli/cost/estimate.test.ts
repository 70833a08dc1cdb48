/** The cost model against figures worked by hand, and the laws that hold for any firm. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { billOf, totalOf } from './bill.ts';
import { type Estimate, estimate } from './estimate.ts';
import { MEASURED } from './measured.ts';
import { nodesFor, UTILISATION_MAX } from './nodes.ts';
import { type PriceList, priceListFrom } from './prices.ts';
import { ordersIn, trafficOf, type Workload } from './traffic.ts';
import { KEEPING, volumesAfter } from './volumes.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const example = readFileSync(join(root, 'deploy/prices.example.json'), 'utf8');

const firm = (given: Partial<Workload>): Workload => ({
  ordersADay: 1_000_000,
  peakFactor: 10,
  hoursADay: 6.5,
  retentionDays: 2_557,
  viewDays: 90,
  backupEvery: 1,
  backupKeepDays: 30,
  drillsElsewhere: false,
  ...given,
});
const part = (made: Estimate['nodes'], name: string) => made.parts.find((each) => each.name === name);

/** Prices that make a bill easy to work out by hand. */
const ROUND: PriceList = {
  currency: 'XXX',
  coreHour: 1,
  memoryGbHour: 0,
  diskGbMonth: 0,
  objectGbMonth: 0,
  betweenZonesGb: 0,
  outGb: 0,
};

describe('traffic', () => {
  test('46,800 orders in 6.5 hours are 2 a second, and 20 at ten times that', () => {
    expect(trafficOf(firm({ ordersADay: 46_800 }))).toEqual({ mean: 2, peak: 20 });
  });
  test('365 days are 252 days of trading', () => {
    expect(ordersIn(365, { ordersADay: 1_000 })).toBe(252_000);
  });
});

describe('nodes', () => {
  test('a firm that sends nothing still runs the whole topology, since any machine may die', () => {
    const { parts, shardsMin } = nodesFor(firm({ ordersADay: 0 }), { mean: 0, peak: 0 });
    expect(parts.map(({ name, processes }) => [name, processes])).toEqual([
      ['load balancer', 2],
      ['api', 3],
      ['engine', 3],
      ['projector', 2],
      ['publisher', 2],
      ['kafka', 3],
      ['redis', 3],
      ['postgres', 3],
    ]);
    expect(shardsMin).toBe(1);
  });
  test('100,000 orders in a second: engines take 81 µs each, 8.1 cores, at half of them busy 17', () => {
    const made = nodesFor(firm({}), { mean: 10_000, peak: 100_000 });
    expect(part(made, 'engine')).toMatchObject({ processes: 17, cores: 1 });
    expect(part(made, 'engine')?.utilisation).toBeCloseTo(8.1 / 17, 10);
    // 92 µs: 9.2 cores, so 19
    expect(part(made, 'api')).toMatchObject({ processes: 19, cores: 1 });
    // readers follow twice the mean, 20,000: 2.736 cores, so 6
    expect(part(made, 'publisher')).toMatchObject({ processes: 6, cores: 1 });
    expect(part(made, 'publisher')?.utilisation).toBeCloseTo(2.736 / 6, 10);
    // each server: the journal at the peak, 2.2 cores, what readers ask for at 20,000, 2.778; so 10
    expect(part(made, 'postgres')).toMatchObject({ processes: 3, cores: 10, memoryGb: 40 });
    expect(part(made, 'postgres')?.utilisation).toBeCloseTo(0.4978, 10);
    expect(made.shardsMin).toBe(17);
  });
  test('brokers keep three copies: of commands at the peak, 5.4 cores, of news behind it, 1.692', () => {
    const made = nodesFor(firm({}), { mean: 10_000, peak: 100_000 });
    // 7.092 cores over three brokers, at half busy: 4.73, so 5
    expect(part(made, 'kafka')).toMatchObject({ processes: 3, cores: 5, memoryGb: 10 });
    expect(part(made, 'kafka')?.utilisation).toBeCloseTo(7.092 / 15, 10);
  });
});

describe('volumes', () => {
  test('are orders times measured bytes', () => {
    const grown = volumesAfter(365, firm({ viewDays: 0 }));
    const orders = 252_000_000;
    expect(grown.journalGb).toBeCloseTo((orders * MEASURED.journal.value) / 1e9, 9);
    expect(grown.viewsGb).toBeCloseTo((orders * (MEASURED.orders.value + MEASURED.passing.value)) / 1e9, 9);
    // 21 days of trading a month, a million orders each, 700 bytes an answer
    expect(grown.outGb).toBeCloseTo(14.7, 9);
  });
  test('each backup is of the whole journal as it was then, and none is thinned out', () => {
    const of = (days: number, given: Partial<Workload>) => volumesAfter(days, firm(given));
    const gigabytes = (backups: number, days: number): number =>
      (backups * ((days * 252) / 365) * 1e6 * MEASURED.backup.value) / 1e9;
    expect(of(365, {}).backups).toBe(720); // one each hour for 30 days, of 335 to 365 days
    expect(of(365, {}).backupsGb).toBeCloseTo(gigabytes(720, 350), 6);
    expect(of(365, { backupEvery: 0.25 }).backups).toBe(2_880);
    expect(of(365, { backupEvery: 24, backupKeepDays: 7 }).backups).toBe(7);
    expect(of(365, { backupKeepDays: 0 }).backups).toBe(8_760);
    expect(of(10, {}).backupsGb).toBeCloseTo(gigabytes(240, 5), 6); // they began with the journal
  });
  test('events are kept as long as asked, and the journal all the same', () => {
    const [short, long] = [
      volumesAfter(365, firm({ viewDays: 30 })),
      volumesAfter(365, firm({ viewDays: 0 })),
    ];
    expect(short.journalGb).toBe(long.journalGb);
    const days = (335 * 252) / 365;
    expect(long.viewsGb - short.viewsGb).toBeCloseTo((days * 1e6 * MEASURED.passing.value) / 1e9, 9);
  });
  test('a drill takes the journal and all views once more, in the live database or on a server of its own', () => {
    const [inside, apart] = [
      volumesAfter(365, firm({ viewDays: 30 })),
      volumesAfter(365, firm({ viewDays: 30, drillsElsewhere: true })),
    ];
    const { journal, orders, passing } = MEASURED;
    const drill = (252e6 * (journal.value + orders.value + passing.value)) / 1e9;
    expect(inside.drillGb).toBeCloseTo(drill, 6);
    expect(inside.postgresDiskGb - apart.postgresDiskGb).toBeCloseTo(1.3 * drill, 6);
    expect([inside.drillDiskGb, apart.drillDiskGb]).toEqual([0, expect.closeTo(1.3 * (drill + 8), 6)]);
  });
  test('do not pass the retention, nor a fresh archive its own week', () => {
    expect(volumesAfter(5_000, firm({ retentionDays: 100 }))).toEqual(
      volumesAfter(100, firm({ retentionDays: 100 })),
    );
    const copies = (days: number): number => {
      const { journalGb, viewsGb } = volumesAfter(days, firm({}));
      return KEEPING.baseCopies * (journalGb + viewsGb);
    };
    const logOf = (days: number): number => volumesAfter(days, firm({})).archiveGb - copies(days);
    expect(logOf(7)).toBeCloseTo(logOf(700), 6);
    expect(logOf(3)).toBeCloseTo((3 / 7) * logOf(7), 6);
  });
});

describe('the bill', () => {
  test('is cores times hours: 27 cores for 730 hours at 1', () => {
    const workload = firm({ ordersADay: 0 });
    const nodes = nodesFor(workload, { mean: 0, peak: 0 });
    // 2 balancers, 3 api, 3 engines, 2 projectors, 2 publishers, 3 × 2 kafka, 3 redis, 3 × 2 postgres
    const lines = billOf(nodes, volumesAfter(30, workload), ROUND);
    expect(lines[0]).toEqual({ what: 'cores', amount: 27 * 730 });
    expect(totalOf(lines)).toBe(27 * 730);
  });
  test('counts the disk of every server, and what is kept once', () => {
    const workload = firm({});
    const nodes = nodesFor(workload, trafficOf(workload));
    const volumes = volumesAfter(365, workload);
    const bill = (prices: Partial<PriceList>): number =>
      totalOf(billOf(nodes, volumes, { ...ROUND, coreHour: 0, ...prices }));
    expect(bill({ diskGbMonth: 1 })).toBeCloseTo(3 * volumes.postgresDiskGb + 3 * volumes.kafkaDiskGb, 6);
    const apart = volumesAfter(365, firm({ drillsElsewhere: true }));
    const disks = totalOf(billOf(nodes, apart, { ...ROUND, coreHour: 0, diskGbMonth: 1 }));
    expect(disks).toBeCloseTo(3 * apart.postgresDiskGb + apart.drillDiskGb + 3 * apart.kafkaDiskGb, 6);
    expect(bill({ objectGbMonth: 1 })).toBeCloseTo(volumes.backupsGb + volumes.archiveGb, 6);
    expect(bill({ outGb: 2 })).toBeCloseTo(2 * volumes.outGb, 6);
  });
});

describe('laws', () => {
  const anyFirm = fc.record({
    ordersADay: fc.integer({ min: 0, max: 1e9 }),
    peakFactor: fc.double({ min: 1, max: 1_000, noNaN: true }),
    hoursADay: fc.double({ min: 0.1, max: 24, noNaN: true }),
    retentionDays: fc.integer({ min: 1, max: 5_000 }),
    viewDays: fc.integer({ min: 0, max: 5_000 }),
    backupEvery: fc.double({ min: 0.1, max: 1_000, noNaN: true }),
    backupKeepDays: fc.integer({ min: 0, max: 5_000 }),
    drillsElsewhere: fc.boolean(),
  });
  const prices = priceListFrom(example);
  const totals = (workload: Workload): number[] =>
    estimate(workload, prices).stands.map(({ bill }) => totalOf(bill ?? []));
  const cores = (workload: Workload): number =>
    estimate(workload, undefined).nodes.parts.reduce((sum, each) => sum + each.processes * each.cores, 0);
  const least = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((value, i) => value <= (b[i] ?? 0));

  test('more orders, or a higher peak, never take fewer cores or less money', () => {
    fc.assert(
      fc.property(anyFirm, fc.integer({ min: 0, max: 1e9 }), (workload, more) => {
        const larger = { ...workload, ordersADay: workload.ordersADay + more };
        const hotter = { ...workload, peakFactor: workload.peakFactor + more };
        expect(cores(larger)).toBeGreaterThanOrEqual(cores(workload));
        expect(least(totals(workload), totals(larger))).toBe(true);
        expect(cores(hotter)).toBeGreaterThanOrEqual(cores(workload));
        expect(least(totals(workload), totals(hotter))).toBe(true);
      }),
    );
  });
  test('what is measured is never busier than it may be, and a month costs no more than the end', () => {
    fc.assert(
      fc.property(anyFirm, (workload) => {
        const { nodes, stands } = estimate(workload, prices);
        for (const { utilisation = 0 } of nodes.parts) {
          expect(utilisation).toBeLessThanOrEqual(UTILISATION_MAX + 1e-9);
        }
        const bills = totals(workload);
        expect(bills).toEqual(bills.toSorted((a, b) => a - b));
        expect(stands.at(-1)?.days).toBe(workload.retentionDays);
      }),
    );
  });
});

describe('warnings', () => {
  test('a backup that the next one would overtake is named with its day; a small firm has none', () => {
    const warnings = (given: Partial<Workload>) => estimate(firm(given), undefined).warnings;
    expect(warnings({ ordersADay: 10_000 })).toEqual([]);
    // 99.5 minutes after a year, 11.6 hours after seven
    expect(warnings({})).toEqual([expect.stringContaining('within 365 days')]);
    expect(warnings({ backupEvery: 8 })).toEqual([expect.stringContaining('within 2557 days')]);
    expect(warnings({ backupEvery: 12 })).toEqual([]);
  });
  test('more than one server’s worth of PostgreSQL is named', () => {
    const { warnings } = estimate(firm({ ordersADay: 1_000_000_000 }), undefined);
    expect(warnings.join()).toContain('spread the shards');
  });
});

describe('a price list', () => {
  test('the example reads, and says of itself that it is none', () => {
    expect(priceListFrom(example)).toMatchObject({ currency: 'EXAMPLE', coreHour: expect.any(Number) });
    expect(example).toContain('nobody charges');
  });
  test('that is wrong is told all that is wrong', () => {
    const wrong = JSON.stringify({
      ...JSON.parse(example),
      currency: ' ',
      core_hour: -1,
      out_gb: '1',
      cpu: 3,
    });
    expect(() => priceListFrom(wrong)).toThrow(
      'core_hour is no price; out_gb is no price; currency is missing; cpu is not known',
    );
  });
  test.each(['', '[]', '7', 'null', '{'])('%j is no price list', (text) => {
    expect(() => priceListFrom(text)).toThrow('no JSON object');
  });
});
