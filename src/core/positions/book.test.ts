/** What the firm holds when its accounts are taken together. */
import { describe, expect, test } from 'vitest';
import { filled, floor, given, order, place, report } from '../testing/story.ts';
import { price } from '../values/fixed-point.ts';
import { type FirmPosition, positionsOf } from './book.ts';

type Fill = readonly [account: string, side: 'BUY' | 'SELL', units: string, at: string];

function positionAfter(...fills: readonly Fill[]): FirmPosition | undefined {
  const story = given(...floor);
  for (const [i, [account, side, units, at]] of fills.entries()) {
    const asked = order(`O${i}`, { account, side, quantity: units, price: at });
    story.when(place(asked), report(asked, filled(`E${i}`, units, at)));
  }
  return positionsOf(story.state)[0];
}

describe('the average price over several accounts', () => {
  test.each([
    ['two longs', [['a', 'BUY', '100', '10'] as const, ['b', 'BUY', '300', '14'] as const], '13'],
    ['two shorts', [['a', 'SELL', '100', '10'] as const, ['b', 'SELL', '300', '14'] as const], '13'],
    [
      'a long and one that is flat again',
      [
        ['a', 'BUY', '100', '10'] as const,
        ['b', 'BUY', '50', '20'] as const,
        ['b', 'SELL', '50', '21'] as const,
      ],
      '10',
    ],
  ] as const)('of %s is what the units cost', (_, fills, average) => {
    expect(positionAfter(...fills)?.averagePrice).toBe(price(average));
  });

  test('of a long and a short is nothing: 100 at 10 against 90 at 20 would be -80', () => {
    const position = positionAfter(['a', 'BUY', '100', '10'], ['b', 'SELL', '90', '20']);
    expect(position).toMatchObject({ units: 10n * 10n ** 8n, averagePrice: undefined });
  });
});
