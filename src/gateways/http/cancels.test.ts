/** A cancel while the read models stand still: whatever tells its shard is enough, and its engine decides. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Client } from './testing/client.ts';
import { type FirmOfTwo, memoryGround, openFirmOfTwo } from './testing/firm-of-two.ts';
import type { FollowedReads } from './testing/followed-reads.ts';

let firm: FirmOfTwo<FollowedReads>;
let client: Client;
let other: Client;
beforeEach(async () => {
  firm = await openFirmOfTwo(memoryGround());
  client = await firm.node();
  other = await firm.node();
});
afterEach(() => firm.close());

const cancel = async (node: Client, id: string, who: 'TRADER' | 'trader2' | 'ADMIN' = 'TRADER') => {
  const { status, body } = await node.ask(who, 'DELETE', `/api/v1/orders/${id}`);
  return [status, status === 200 ? body.status : body.code];
};
const positions = (): readonly (number | undefined)[] =>
  ['east', 'west'].map((shard) => firm.engines.get(shard)?.position);
const carried = (): readonly string[] =>
  firm.bus.carried.map(({ shard, command }) => `${command.type} ${shard}`);
/** An id as ours are, of so long ago. */
const idOf = (ageMs: number): string => {
  const hex = (Date.now() - ageMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};
const LONG_AGO_MS = 3_600_000;

test('an order whose row is there is canceled at another node, however old the row', async () => {
  const { order_id: id } = await client.place();
  firm.reads.freeze();
  await client.place();
  expect(await cancel(other, id, 'ADMIN')).toEqual([200, 'PENDING_CANCEL']);
  expect(await cancel(other, id)).toEqual([409, 'ORDER_NOT_WORKING']);
});

test('an order that the read models have not come to is canceled at another node, in the shard of its account', async () => {
  firm.reads.freeze();
  const { order_id: east } = await client.place();
  const { order_id: west } = await client.place({}, 'trader2');
  expect(await cancel(other, east)).toEqual([200, 'PENDING_CANCEL']);
  expect(await cancel(other, west, 'trader2')).toEqual([200, 'PENDING_CANCEL']);
  expect(carried().slice(2)).toEqual(['CancelOrder east', 'CancelOrder west']);
});

test('nobody cancels what is another’s, also where only its engine can tell', async () => {
  firm.reads.freeze();
  const { order_id: id } = await client.place();
  expect(await cancel(other, id, 'trader2')).toEqual([503, 'PROJECTION_BEHIND']);
  expect((await client.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`)).status).toBe(200);
});

test('who may cancel anyone’s order waits for the read models where nothing else tells its shard', async () => {
  firm.reads.freeze();
  const { order_id: id } = await client.place();
  expect(await cancel(other, id, 'ADMIN')).toEqual([503, 'PROJECTION_BEHIND']);
  expect(carried()).toEqual(['PlaceOrder east']);
});

test('a cancel of nothing leaves no event where the read models hold all there is', async () => {
  await client.place();
  const before = positions();
  expect(await cancel(other, idOf(LONG_AGO_MS))).toEqual([404, 'ORDER_UNKNOWN']);
  expect(await cancel(other, idOf(-LONG_AGO_MS))).toEqual([404, 'ORDER_UNKNOWN']);
  expect(await cancel(other, crypto.randomUUID())).toEqual([404, 'ORDER_UNKNOWN']);
  expect(positions()).toEqual(before);
});

test('an order from long ago that the read models do not show while they stand still is asked of its engine', async () => {
  firm.reads.freeze();
  await client.place();
  expect(await cancel(other, idOf(LONG_AGO_MS))).toEqual([503, 'PROJECTION_BEHIND']);
  expect(carried().at(-1)).toBe('CancelOrder east');
});

test('an order that may be on its way is never said not to be there', async () => {
  expect(await cancel(other, idOf(1_000))).toEqual([503, 'COMMAND_IN_DOUBT']);
  expect(carried()).toEqual(['CancelOrder east']);
});
