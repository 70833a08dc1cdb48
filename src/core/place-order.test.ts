/** What the pre-trade checks let through and what they refuse; first of all what the original demo got wrong. */
import { describe, expect, test } from 'vitest';
import { positionsOf } from './positions/book.ts';
import { riskMetricsOf } from './risk/metrics.ts';
import {
  acknowledged,
  buy,
  dayStarted,
  filled,
  floor,
  given,
  idOf,
  limitsSet,
  listed,
  order,
  place,
  quoteAt,
  report,
  run,
  sell,
} from './testing/story.ts';
import { formatFixed, nearest, notional, type Product, price } from './values/fixed-point.ts';

const money = (product: Product): string => formatFixed(nearest(product));

describe('what the original demo got wrong', () => {
  test('a risk check moves no position: only a fill does', () => {
    const story = given(...floor).when(place(buy('B1', '100', '150')));
    expect(positionsOf(story.state)).toEqual([]);
    expect(riskMetricsOf(story.state).totalPositions).toBe(0);
    story.when(report(buy('B1', '100', '150'), acknowledged, filled('E1', '100', '150')));
    expect(positionsOf(story.state)).toMatchObject([{ ticker: 'AAPL', units: 100n * 10n ** 8n }]);
  });

  test('a first order in a new symbol counts at its own price', () => {
    given(...floor)
      .when(place(buy('B1', '100000', '150')))
      .thenDenied('POSITION_LIMIT', 'DAILY_VOLUME_LIMIT', 'NET_EXPOSURE_LIMIT');
  });

  test('a burst of 50 orders of 900k against a daily limit of 10M stops at the limit', () => {
    const story = given(...floor, limitsSet({ positionMax: '1000000000', netExposureMax: '1000000000' }));
    let accepted = 0;
    for (let i = 0; i < 50; i++) {
      const [event] = run(story.state, place(buy(`B${i}`, '6000', '150')));
      if (event?.type === 'OrderAccepted') accepted++;
      else expect(event).toMatchObject({ type: 'OrderDenied', refusals: [{ rule: 'DAILY_VOLUME_LIMIT' }] });
    }
    expect(accepted).toBe(11);
    expect(money(riskMetricsOf(story.state).dailyVolume)).toBe('9900000');
  });

  test('long 100 at 10, then 150 sold at 12, leaves short 50 at 12 with 200 realised', () => {
    const bid = buy('B1', '100', '10');
    const ask = sell('S1', '150', '12');
    const story = given(...floor)
      .when(place(bid), report(bid, filled('E1', '100', '10')))
      .when(place(ask), report(ask, filled('E2', '150', '12')));
    const [position] = positionsOf(story.state);
    expect(position).toMatchObject({ units: -50n * 10n ** 8n, averagePrice: price('12') });
    expect(money(position?.realised as Product)).toBe('200');
  });

  test('the same client order id with another price is a conflict', () => {
    given(...floor)
      .when(place(buy('B1', '100', '150', { clientOrderId: 'mine' })))
      .when(place(buy('B2', '100', '151', { clientOrderId: 'mine' })))
      .thenFacts({
        type: 'DuplicateRefused',
        user: buy('B2', '1', '1').user,
        clientOrderId: order('x', { clientOrderId: 'mine' }).clientOrderId as never,
        firstOrderId: idOf('B1') as never,
        isConflict: true,
      });
  });

  test('the same client order id with the same content names the first order, even when that is finished', () => {
    const first = buy('B1', '100', '150', { clientOrderId: 'mine' });
    given(...floor)
      .when(place(first), report(first, filled('E1', '100', '150')))
      .when(place(buy('B2', '100', '150', { clientOrderId: 'mine' })))
      .thenTypes('DuplicateRefused')
      .when(place(buy('B3', '100', '150', { clientOrderId: 'mine', user: 'trader2' })))
      .thenTypes('OrderAccepted');
  });

  test('a denied order does not burn its id: a corrected one may come under it the same day', () => {
    given(...floor)
      .when(place(buy('B1', '100000', '150', { clientOrderId: 'mine' })))
      .thenTypes('OrderDenied')
      .when(place(buy('B2', '100', '150', { clientOrderId: 'mine' })))
      .thenTypes('OrderAccepted');
  });

  test("the next day frees yesterday's ids, but not those of orders that still work", () => {
    const done = buy('B1', '100', '150', { clientOrderId: 'done' });
    given(...floor)
      .when(place(done), report(done, filled('E1', '100', '150')))
      .when(place(buy('B2', '100', '150', { clientOrderId: 'works' })))
      .when({ type: 'StartTradingDay', date: '2026-01-31' as never })
      .when(place(buy('B3', '100', '150', { clientOrderId: 'done' })))
      .thenTypes('OrderAccepted')
      .when(place(buy('B4', '100', '150', { clientOrderId: 'works' })))
      .thenTypes('DuplicateRefused');
  });
});

test('an order command that is heard twice takes effect once', () => {
  const first = buy('B1', '100', '150');
  const story = given(...floor)
    .when(place(first))
    .when(place(first))
    .thenFacts();
  expect(money(riskMetricsOf(story.state).dailyVolume)).toBe('15000');
});

describe('what may trade at all', () => {
  const fresh = quoteAt('150');
  test.each([
    ['an unknown symbol', buy('B1', '1', '150', { ticker: 'NOPE' }), fresh, 'UNKNOWN_SYMBOL'],
    ['a price between two ticks', buy('B1', '1', '150.005'), fresh, 'OFF_TICK'],
    ['a price of zero', buy('B1', '1', '0'), fresh, 'OFF_TICK'],
    ['half a lot', buy('B1', '0.5', '150'), fresh, 'OFF_LOT'],
    ['nothing at all', buy('B1', '0', '150'), fresh, 'OFF_LOT'],
    [
      'a market order on a stale quote',
      order('B1', { type: 'MARKET' }),
      quoteAt('150', false),
      'NO_FRESH_QUOTE',
    ],
    ['a market order without any quote', order('B1', { type: 'MARKET' }), undefined, 'NO_FRESH_QUOTE'],
  ] as const)('%s is refused', (_title, asked, quote, rule) => {
    given(...floor)
      .when(place(asked, quote))
      .thenDenied(rule);
  });

  test('nothing trades before the venues are reconciled, or on no day', () => {
    given(...floor, { type: 'TradingClosed', why: 'starting' })
      .when(place(buy('B1', '1', '150')))
      .thenDenied('TRADING_CLOSED');
    given(listed('AAPL'), { type: 'TradingOpened' })
      .when(place(buy('B1', '1', '150')))
      .thenDenied('TRADING_CLOSED');
  });

  test('an order that came after its deadline is kept as refused, whatever else is right with it', () => {
    given(...floor)
      .when({ ...place(buy('B1', '1', '150')), isLate: true })
      .thenDenied('DEADLINE_PASSED');
  });

  test('the kill switch stops every order until it is released', () => {
    given(...floor)
      .when({ type: 'EngageKillSwitch' })
      .thenFacts({ type: 'KillSwitchEngaged' })
      .when(place(buy('B1', '1', '150')))
      .thenDenied('KILL_SWITCH_ACTIVE')
      .when({ type: 'ReleaseKillSwitch' })
      .when(place(buy('B2', '1', '150')))
      .thenTypes('OrderAccepted');
  });
});

describe('limits', () => {
  test('a refusal tells the rule, what it saw, what it allows and the price it reckoned with', () => {
    const asked = buy('B1', '100', '150');
    given(...floor, limitsSet({ positionMax: '15000' }))
      .when(place(asked, quoteAt('150.5')))
      .thenFacts({
        type: 'OrderDenied',
        order: asked,
        refusals: [
          {
            rule: 'POSITION_LIMIT',
            observed: notional('15050'),
            limit: notional('15000'),
            reference: price('150.5'),
          },
        ],
      });
  });

  test('exactly at the limit is within it', () => {
    given(...floor, limitsSet({ positionMax: '15000' }))
      .when(place(buy('B1', '100', '150')))
      .thenTypes('OrderAccepted')
      .when(place(buy('B2', '1', '0.01')))
      .thenDenied('POSITION_LIMIT');
  });

  test('working orders count, buys and sells apart', () => {
    given(...floor, limitsSet({ positionMax: '15000' }))
      .when(place(buy('B1', '100', '150')))
      .when(place(sell('S1', '100', '150')))
      .thenTypes('OrderAccepted') // a working buy is no cover for a sell, nor in its way
      .when(place(sell('S2', '1', '150')))
      .thenDenied('POSITION_LIMIT')
      .when(place(buy('B2', '1', '150')))
      .thenDenied('POSITION_LIMIT');
  });

  test('a cancelled order gives its reservation back', () => {
    const first = buy('B1', '100', '150');
    given(...floor, limitsSet({ positionMax: '15000' }))
      .when(place(first), report(first, acknowledged))
      .when({ type: 'CancelOrder', orderId: first.orderId, owner: undefined })
      .when(place(buy('B2', '100', '150')))
      .thenDenied('POSITION_LIMIT') // a cancel that is only asked for frees nothing
      .when(report(first, { kind: 'canceled' }))
      .when(place(buy('B3', '100', '150')))
      .thenTypes('OrderAccepted');
  });

  test('the way out of a position stays open when the market has carried it over the limit', () => {
    const first = buy('B1', '100', '150');
    given(...floor, limitsSet({ positionMax: '15000', netExposureMax: '15000', grossExposureMax: '15000' }))
      .when(place(first), report(first, filled('E1', '100', '150')))
      .when({ type: 'SampleMarks', marks: [{ ticker: first.ticker, price: price('300') }] })
      .when(place(buy('B2', '1', '300'), quoteAt('300')))
      .thenDenied('POSITION_LIMIT', 'NET_EXPOSURE_LIMIT', 'GROSS_EXPOSURE_LIMIT')
      .when(place(sell('S1', '100', '300'), quoteAt('300')))
      .thenTypes('OrderAccepted');
  });

  test('longs and shorts net against each other, and add up to gross', () => {
    const long = buy('B1', '100', '150');
    const short = sell('S1', '100', '150', { ticker: 'MSFT' });
    const story = given(...floor, limitsSet({ netExposureMax: '20000', grossExposureMax: '31000' }))
      .when(place(long), report(long, filled('E1', '100', '150')))
      .when(place(short), report(short, filled('E2', '100', '150')));
    const metrics = riskMetricsOf(story.state);
    expect([money(metrics.netExposure), money(metrics.grossExposure)]).toEqual(['0', '30000']);
    story.when(place(buy('B2', '10', '150'))).thenDenied('GROSS_EXPOSURE_LIMIT');
  });

  test('a market order reserves at its protection, 5 % beyond the mark on a whole tick', () => {
    given(...floor)
      .when(place(order('B1', { type: 'MARKET' }), quoteAt('150.01')))
      .thenFacts({
        type: 'OrderAccepted',
        order: order('B1', { type: 'MARKET' }),
        mark: price('150.01'),
        boundPrice: price('157.52'),
        reservePrice: price('157.52'),
      });
    given(...floor)
      .when(place(order('S1', { type: 'MARKET', side: 'SELL' }), quoteAt('0.01')))
      .thenFacts({
        type: 'OrderAccepted',
        order: order('S1', { type: 'MARKET', side: 'SELL' }),
        mark: price('0.01'),
        boundPrice: price('0.01'),
        reservePrice: price('0.01'),
      });
  });

  test('a new trading day starts the volume anew with what is working', () => {
    const done = buy('B1', '100', '150');
    const story = given(...floor)
      .when(place(done), report(done, filled('E1', '100', '150')))
      .when(place(buy('B2', '10', '150')))
      .when({ type: 'StartTradingDay', date: '2026-01-31' as never })
      .thenFacts(dayStarted('2026-01-31'));
    expect(money(riskMetricsOf(story.state).dailyVolume)).toBe('1500');
    story.when({ type: 'StartTradingDay', date: '2026-01-30' as never }).thenFacts();
  });
});
