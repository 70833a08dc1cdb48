/** A venue that often does not answer and often cannot be reached: what the books say is what it knows, order by order. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Client } from '../../test/client.ts';
import { Dice } from '../../test/dice.ts';
import { standingMarket } from '../../test/market.ts';
import { clientIdsAreUsedOnce, reckon, venueHasSpoken } from '../../test/reckoning.ts';
import { freshSchema } from '../../test/schema.ts';
import { Folder } from '../../test/server.ts';
import { Traffic } from '../../test/traffic.ts';
import { formatFixed } from '../core/values/fixed-point.ts';
import type { OrderId } from '../core/values/names.ts';
import { openLog } from '../telemetry/log.ts';
import { SimulatedVenue } from '../venues/simulated.ts';
import type { VenueHistory } from '../venues/venue.ts';
import { loadConfig } from './load-config.ts';
import { Platform } from './platform.ts';

let folder: Folder;
let platform: Platform | undefined;

beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await platform?.stop();
  await folder.remove();
});

/** Asks until it answers: it loses these questions too. */
async function historyAt(venue: SimulatedVenue, orderId: OrderId): Promise<VenueHistory | undefined> {
  for (;;) {
    try {
      return await venue.history(orderId, new AbortController().signal);
    } catch {
      // not answered, or not reached
    }
  }
}

const executedIn = (history: VenueHistory | undefined): bigint =>
  (history?.reports ?? []).reduce((sum, one) => (one.kind === 'filled' ? sum + one.quantity : sum), 0n);

/** Holds every order against what the venue itself knows of it; resolves with how many stand in each status. */
async function holdAgainst(venue: SimulatedVenue, admin: Client): Promise<ReadonlyMap<string, number>> {
  const statuses = new Map<string, number>();
  const check = async (orderId: string): Promise<void> => {
    const order = await admin.get(`/api/v1/orders/${orderId}`);
    const history = await historyAt(venue, orderId as OrderId);
    const status = String(order.status);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    expect(String(order.executed_quantity), orderId).toBe(formatFixed(executedIn(history)));
    if (status === 'FAILED') expect(history, orderId).toBeUndefined();
    else if (status !== 'CANCELLED') expect(history, orderId).toBeDefined(); // a cancel may have come first
    const isRejectedThere = history?.reports.some(({ kind }) => kind === 'rejected') === true;
    expect(isRejectedThere, orderId).toBe(status === 'REJECTED');
  };
  await Promise.all((await admin.orders()).map(({ order_id }) => check(order_id)));
  return statuses;
}

test.each([
  [
    'loses requests and answers',
    {
      VENUE_LATENCY_MAX_MS: '10',
      VENUE_NO_ANSWER_RATE: '0.12',
      VENUE_UNREACHABLE_RATE: '0.1',
      VENUE_REJECT_RATE: '0.05',
    },
  ],
  ['is often slower than we wait', { VENUE_LATENCY_MAX_MS: '215' }],
])(
  'a venue that %s: doubt is resolved, nothing is executed twice, and what failed never arrived',
  async (_, faults) => {
    const dice = new Dice();
    console.log(`venue faults: seed ${dice.seed}`);
    const market = await standingMarket(folder.path, [
      { ticker: 'AAPL', bid: '99.99', ask: '100.01', size: 1_000_000 },
    ]);
    const databaseUrl = await freshSchema();
    const environment = { ...market, POSTGRES_URL: databaseUrl, DATA_DIR: folder.path };
    const config = loadConfig({
      ...environment,
      ENVIRONMENT: 'demo',
      PORT: '0',
      RATE_LIMIT_PER_MINUTE: '0',
      MARKET_SEED: String(dice.seed),
      VENUE_TIMEOUT_MS: '200',
      ...faults,
    });
    const placing = vi.spyOn(SimulatedVenue.prototype, 'place'); // only watched: it is the real one
    const asking = vi.spyOn(SimulatedVenue.prototype, 'history');
    const onFatal = vi.fn();
    platform = await Platform.start({ config, log: openLog('silent'), onFatal });
    const [trader, admin] = [
      await Client.login(platform.url, 'trader1'),
      await Client.login(platform.url, 'admin'),
    ];
    const wordsOf = () => ({
      side: dice.one(['BUY', 'SELL'] as const),
      quantity: dice.one([1, 10, 50]),
      price: dice.one(['99.50', '100.01', '99.99', '100.50']),
    });
    const traffic = new Traffic({
      clients: [trader, admin],
      traders: 6,
      dice,
      wordsOf,
      cancelRate: 0.3,
      pauseMs: 10,
    });
    traffic.start();
    await traffic.progress(400);
    await traffic.finish();
    await venueHasSpoken(admin);

    expect(asking.mock.calls.length).toBeGreaterThan(5); // there was doubt to resolve

    const venue = placing.mock.contexts[0] as SimulatedVenue;
    const statuses = await holdAgainst(venue, admin);
    console.log(
      `venue faults: ${JSON.stringify(Object.fromEntries(statuses))}, ${placing.mock.calls.length} calls`,
    );
    expect(statuses.get('EXECUTED')).toBeGreaterThan(0);
    await reckon({ traffic, admin, databaseUrl, environment });
    await clientIdsAreUsedOnce(traffic, databaseUrl);
    expect(onFatal).not.toHaveBeenCalled();
  },
);
