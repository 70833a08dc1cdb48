/** A command on its way to another machine: what its sender is told, whatever becomes of it on the way. */
import { beforeEach, expect, test } from 'vitest';
import { encodeAnswers } from '../bus/answer-codec.ts';
import { AnswerDesk } from '../bus/answer-desk.ts';
import { answersChannel } from '../bus/answer-outbox.ts';
import type { Dispatch, Outcome } from '../bus/dispatch.ts';
import { MemoryCache } from '../cache/cache-memory.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Command } from '../core/commands.ts';
import { order } from '../core/testing/story.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { EMPTY, sealAfter } from '../journal/chain.ts';
import { encodeEntries } from '../journal/codec.ts';
import { MemoryJournal } from '../journal/memory.ts';
import { by, TestClock } from '../sequencer/stage.fixture.ts';
import { silentLog } from '../telemetry/log.ts';
import { FAILING } from '../telemetry/throwing-tracing.fixture.ts';
import { CommandSpans } from './command-spans.ts';
import { MemoryFirmStore } from './firm-store-memory.ts';
import { Listings } from './listings.ts';
import { RemoteFirm, type RemoteFirmOptions } from './remote-firm.ts';
import { Roster } from './roster.ts';
import { ShardAssignments } from './shard-assignments.ts';
import { ShardViews } from './shard-views.ts';
import { Witness } from './witness.ts';

const shards = ['east', 'west'];
const PLACED: Command = { type: 'PlaceOrder', order: order('O1'), quote: undefined };
const COMMITTED = { at: 5 as Micros, position: 9 as Position, events: [] };

let channels: MemoryChannels;
let cache: MemoryCache;
let desk: AnswerDesk;
let line: { isUp: boolean };
let journal: MemoryJournal;
let journalOf: (shard: string) => MemoryJournal;
let send: (dispatch: Dispatch) => Promise<void>;
let options: RemoteFirmOptions;
let firm: RemoteFirm;
let roster: Roster;
let begun: Map<string, Position>;

beforeEach(() => {
  channels = new MemoryChannels();
  cache = new MemoryCache();
  line = { isUp: true };
  journal = new MemoryJournal();
  journalOf = () => journal;
  send = async () => {};
  desk = new AnswerDesk({ node: 'here', channels, waitMs: 80, log: silentLog() });
  begun = new Map();
  const store = new MemoryFirmStore(() => begun);
  roster = new Roster(store, shards);
  options = {
    node: 'here',
    roster,
    assignments: new ShardAssignments(store, shards),
    sender: { send: (dispatch) => send(dispatch) },
    answers: desk,
    line,
    witness: new Witness((shard) => journalOf(shard), 200),
    views: new ShardViews({ roster, cache, channels, store }),
    listings: new Listings({ shards, channels, store }),
    store,
    cache,
    clock: new TestClock(),
    deadlineMs: 1_000,
  };
  firm = new RemoteFirm(options);
});

const answer = ({ commandId, shard }: Dispatch, outcome: Outcome): void =>
  channels.publish(answersChannel('here'), encodeAnswers([{ commandId, shard, outcome }]));

test('a committed command resolves with its facts, a fault is the engine’s own', async () => {
  send = async (dispatch) => answer(dispatch, { kind: 'committed', committed: COMMITTED });
  expect(await firm.submit('east', PLACED, by)).toEqual(COMMITTED);
  send = async (dispatch) => answer(dispatch, { kind: 'fault', code: 'SEQUENCER_BUSY', detail: undefined });
  await expect(firm.submit('east', PLACED, by)).rejects.toMatchObject({ code: 'SEQUENCER_BUSY' });
});

test.each(FAILING)('a command is sent and answered where tracing fails at %s', async (_at, tracing) => {
  const traced = new RemoteFirm({ ...options, spans: new CommandSpans(tracing, 'commands') });
  send = async (dispatch) => answer(dispatch, { kind: 'committed', committed: COMMITTED });
  expect(await traced.submit('east', PLACED, by)).toEqual(COMMITTED);
  send = () => Promise.reject(new Fault('BUS_UNAVAILABLE'));
  await expect(traced.submit('east', PLACED, by)).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  line.isUp = false;
  send = async () => {};
  await expect(traced.submit('east', PLACED, by)).rejects.toMatchObject({ code: 'COMMAND_IN_DOUBT' });
  expect(desk.waiting).toBe(0);
});

test('without an answer in time it is in doubt, and all nodes may know where the order went', async () => {
  await expect(firm.submit('east', PLACED, by)).rejects.toMatchObject({ code: 'COMMAND_IN_DOUBT' });
  const holder = { user: 'trader1', shard: 'east', pendingUntil: expect.any(Number) };
  expect(await firm.holderOf(order('O1').orderId)).toEqual(holder);
  expect(JSON.parse((await cache.get(`itirp:holder:${order('O1').orderId}`)) ?? '')).toEqual(holder);
});

test('an order is late counting from when its door heard of it, however long it waited there', async () => {
  const sent: Dispatch[] = [];
  send = async (dispatch) => {
    sent.push(dispatch);
    answer(dispatch, { kind: 'committed', committed: COMMITTED });
  };
  const askedAt = (options.clock.now() - 700_000) as Micros;
  await firm.submit('east', PLACED, { ...by, askedAt });
  await firm.submit('east', PLACED, by);
  const [waited, fresh] = sent;
  expect(waited?.deadline).toBe(askedAt + 1_000_000);
  expect(fresh?.deadline).toBe((fresh?.sentAt ?? 0) + 1_000_000);
});

test('what the bus did not take is not in doubt, and nobody waits for it', async () => {
  send = () => Promise.reject(new Fault('BUS_UNAVAILABLE'));
  await expect(firm.submit('east', PLACED, by)).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  expect(desk.waiting).toBe(0);
  expect(await firm.holderOf(order('O1').orderId)).toBeUndefined();
});

test('what the bus is not sure of may be answered all the same', async () => {
  send = async (dispatch) => {
    answer(dispatch, { kind: 'committed', committed: COMMITTED });
    throw new Fault('COMMAND_IN_DOUBT');
  };
  expect(await firm.submit('east', PLACED, by)).toEqual(COMMITTED);
});

test('while answers cannot be heard nobody waits for one', async () => {
  line.isUp = false;
  await expect(firm.submit('east', PLACED, by)).rejects.toMatchObject({ code: 'COMMAND_IN_DOUBT' });
  expect(desk.waiting).toBe(0);
});

test('a shard that is none of the firm’s, and a command that is none of a client’s, go nowhere', async () => {
  send = () => Promise.reject(new Error('it was sent'));
  await expect(firm.submit('north', PLACED, by)).rejects.toMatchObject({ code: 'SHARD_UNKNOWN' });
  await expect(firm.submit('east', { type: 'OpenTrading' }, by)).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a halt that nobody can answer is confirmed by the facts in the journal', async () => {
  line.isUp = false;
  send = async ({ shard }) => {
    if (shard === 'west') return; // its engine has not taken it in yet
    const events = [{ type: 'KillSwitchEngaged' as const }];
    const entry = { ...by, at: new TestClock().now(), events };
    const row = { shard, count: 1, epoch: 1, recordedAt: entry.at, body: encodeEntries([entry]) };
    await journal.claim();
    await journal.append(sealAfter(EMPTY, row));
  };
  const journals = { east: journal, west: new MemoryJournal() };
  journalOf = (shard) => (shard === 'east' ? journals.east : journals.west);
  expect(await firm.submitToAll(() => ({ type: 'EngageKillSwitch' }), by)).toMatchObject([
    { shard: 'east', committed: { position: 1 }, fault: undefined },
    { shard: 'west', committed: undefined, fault: { code: 'COMMAND_IN_DOUBT' } },
  ]);
});

test('each shard has its own fate', async () => {
  send = async (dispatch) => {
    if (dispatch.shard === 'west') throw new Fault('BUS_UNAVAILABLE');
    answer(dispatch, { kind: 'committed', committed: COMMITTED });
  };
  const outcomes = await firm.submitToAll(() => ({ type: 'EngageKillSwitch' }), by);
  expect(outcomes).toMatchObject([
    { shard: 'east', committed: COMMITTED, fault: undefined },
    { shard: 'west', committed: undefined, fault: { code: 'BUS_UNAVAILABLE' } },
  ]);
});

test('a shard that was begun since is named among them, though nothing can be sent there', async () => {
  send = async (dispatch) => answer(dispatch, { kind: 'committed', committed: COMMITTED });
  begun = new Map([...shards, 'north'].map((shard) => [shard, 1 as Position]));
  const outcomes = await firm.submitToAll(() => ({ type: 'EngageKillSwitch' }), by);
  expect(outcomes).toMatchObject([
    { shard: 'east', committed: COMMITTED },
    { shard: 'west', committed: COMMITTED },
    { shard: 'north', committed: undefined, fault: { code: 'SHARD_UNKNOWN' } },
  ]);
});

test('where nobody can say which shards there are, the command goes to those that are known, and not to all', async () => {
  send = async (dispatch) => answer(dispatch, { kind: 'committed', committed: COMMITTED });
  roster.renew = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
  const outcomes = await firm.submitToAll(() => ({ type: 'EngageKillSwitch' }), by);
  expect(outcomes.map(({ committed }) => committed !== undefined)).toEqual([true, true, false]);
  expect(outcomes[2]?.fault?.code).toBe('DATABASE_UNAVAILABLE');
});
