/** What is reserved for whom, where commands wait to be sent or to be answered. */
import { expect, test } from 'vitest';
import { priorityOf, roomFor } from './priority.ts';

test('a flood of orders leaves room for cancels, and both leave room for halts and limits', () => {
  for (const max of [1, 2, 7, 16_384]) {
    expect(roomFor('rest', max)).toBe(max);
    expect(roomFor('cancel', max)).toBeGreaterThan(roomFor('rest', max));
    expect(roomFor('firm', max)).toBeGreaterThan(roomFor('cancel', max));
  }
});

test('a release has the priority of the halt it follows, or the halt would pass it and be undone', () => {
  expect(priorityOf({ type: 'ReleaseKillSwitch' })).toBe(priorityOf({ type: 'EngageKillSwitch' }));
});
