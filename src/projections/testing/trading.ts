/** A made-up trading history, told by the real core: acts go through decide and evolve and come out as entries. */
import fc from 'fast-check';
import type { Command, VenueReport } from '../../core/commands.ts';
import type { Event } from '../../core/events.ts';
import { evolve } from '../../core/evolve.ts';
import type { WorkingOrder } from '../../core/orders/order.ts';
import { initialState, type State } from '../../core/state.ts';
import { floor, limitsSet, order, place, quoteAt, run } from '../../core/testing/story.ts';
import type { Quantity } from '../../core/values/fixed-point.ts';
import { price } from '../../core/values/fixed-point.ts';
import type {
  CorrelationId,
  ExecutionId,
  Micros,
  OrderId,
  Position,
  UserId,
} from '../../core/values/names.ts';
import type { CommittedBatch, Entry } from '../../journal/entry.ts';

/** Something that people or a venue do. `pick` chooses among the working orders. */
export type Act =
  | { readonly kind: 'place'; readonly side: 'BUY' | 'SELL'; readonly units: number; readonly cents: number }
  | { readonly kind: 'market'; readonly side: 'BUY' | 'SELL'; readonly units: number }
  | { readonly kind: 'fill'; readonly pick: number; readonly share: number; readonly cents: number }
  | { readonly kind: 'venue'; readonly pick: number; readonly report: VenueReport }
  | { readonly kind: 'cancel'; readonly pick: number }
  | { readonly kind: 'command'; readonly command: Command };

const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const pick = fc.nat(1_000);
const units = fc.integer({ min: 1, max: 900 });
const cents = fc.integer({ min: 9_000, max: 11_000 });
const reports = fc.constantFrom<VenueReport>(
  { kind: 'acknowledged' },
  { kind: 'acknowledged' },
  { kind: 'rejected', why: 'venue\tsays "no"\n\\N' },
  { kind: 'undelivered', why: 'line down \0' },
  { kind: 'canceled' },
  { kind: 'expired' },
  { kind: 'cancelRejected', why: 'too late' },
);
const commands = fc.constantFrom<Command>(
  { type: 'EngageKillSwitch' },
  { type: 'ReleaseKillSwitch' },
  { type: 'ReleaseKillSwitch' },
  { type: 'RecordAccess', what: 'LoginRefused', subject: "Robert'); drop table events;--" },
  { type: 'CancelOrder', orderId: 'not-a-uuid' as OrderId, owner: undefined },
  {
    type: 'ReportFromVenue',
    orderId: 'who?' as OrderId,
    reports: [
      { kind: 'filled', executionId: 'X' as ExecutionId, quantity: 1n as Quantity, price: price('1') },
    ],
  },
);

export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('place' as const), side, units, cents }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('market' as const), side, units }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      pick,
      share: fc.integer({ min: 1, max: 4 }),
      cents,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('venue' as const), pick, report: reports }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('command' as const), command: commands }) },
);

const START = 1_769_783_400_123_456; // 2026-01-30T14:30:00.123456Z
const USERS = ['trader1', 'trader2'] as const;
const TICKERS = ['AAPL', 'MSFT', 'NONE'] as const; // the last one is not listed: its orders are denied

export class Trading {
  readonly state: State = initialState();
  readonly entries: Entry[] = [];
  #count = 0;

  constructor() {
    this.#seal('system', [...floor, limitsSet({ dailyVolumeMax: '100000000', positionMax: '5000000' })]);
  }

  act(...acts: readonly Act[]): this {
    for (const act of acts) this.#act(act);
    return this;
  }

  #act(act: Act): void {
    switch (act.kind) {
      case 'place':
        return this.#place(act.side, act.units, price(`${act.cents / 100}`));
      case 'market':
        return this.#place(act.side, act.units, undefined);
      case 'fill':
        return this.#fill(act.pick, act.share, act.cents);
      case 'venue':
        return this.#ofWorking(act.pick, 'venue:SIM', (orderId) => ({
          type: 'ReportFromVenue',
          orderId,
          reports: [act.report],
        }));
      case 'cancel':
        return this.#ofWorking(act.pick, 'trader1', (orderId) => ({
          type: 'CancelOrder',
          orderId,
          owner: undefined,
        }));
      case 'command':
        return this.#ask('risk1', act.command);
    }
  }

  #place(side: 'BUY' | 'SELL', quantity: number, at: WorkingOrder['order']['price']): void {
    const n = this.#count++;
    const name = n.toString(16).padStart(12, '0');
    const user = USERS[n % 2] ?? USERS[0];
    const ticker = TICKERS[n % 7] ?? 'AAPL';
    const words = {
      side,
      quantity: `${quantity}`,
      ticker,
      user,
      type: at === undefined ? 'MARKET' : 'LIMIT',
    };
    const asked = {
      ...order('any', words as Parameters<typeof order>[1]),
      orderId: `00000000-0000-7000-8000-${name}` as OrderId,
      correlationId: `00000000-0000-7000-9000-${name}` as CorrelationId,
      price: at,
    };
    this.#ask(user, place(asked, quoteAt('100')), asked.correlationId);
  }

  #fill(pick: number, share: number, cents: number): void {
    const working = this.#working(pick);
    if (working === undefined) return;
    const { orderId } = working.order;
    const quantity = (working.leaves / BigInt(share)) as Quantity;
    const executionId = `E-${this.#count++}` as ExecutionId;
    const report: VenueReport = { kind: 'filled', executionId, quantity, price: price(`${cents / 100}`) };
    this.#ask('venue:SIM', { type: 'ReportFromVenue', orderId, reports: [report] });
  }

  #ofWorking(pick: number, user: string, command: (orderId: OrderId) => Command): void {
    const working = this.#working(pick);
    if (working !== undefined) this.#ask(user, command(working.order.orderId));
  }

  #working(pick: number): WorkingOrder | undefined {
    const { orders } = this.state;
    return orders.size === 0 ? undefined : [...orders.values()][pick % orders.size];
  }

  #ask(user: string, command: Command, correlationId?: CorrelationId): void {
    const events = run(this.state, command);
    if (events.length > 0) this.#note(user, events, correlationId);
  }

  #seal(user: string, events: readonly Event[]): void {
    for (const event of events) evolve(this.state, event);
    this.#note(user, events, undefined);
  }

  #note(user: string, events: readonly Event[], correlationId: CorrelationId | undefined): void {
    const n = this.entries.length;
    this.entries.push({
      at: (START + n * 1_001) as Micros,
      user: user as UserId,
      origin: user.startsWith('venue') ? user : '127.0.0.1',
      correlationId:
        correlationId ?? (`00000000-0000-7000-a000-${n.toString(16).padStart(12, '0')}` as CorrelationId),
      reason: n % 5 === 0 ? 'because' : undefined,
      events,
    });
  }
}

/** `entries` in batches of `size`, as the journal would hold them. */
export function batchesOf(entries: readonly Entry[], size: number, after = 0): CommittedBatch[] {
  const batches: CommittedBatch[] = [];
  let position = after;
  for (let start = 0; start < entries.length; start += size) {
    const part = entries.slice(start, start + size);
    const firstPosition = (position + 1) as Position;
    position += part.reduce((sum, { events }) => sum + events.length, 0);
    batches.push({ firstPosition, lastPosition: position as Position, entries: part });
  }
  return batches;
}
