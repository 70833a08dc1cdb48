/** The journal's facts laid out for looking up: one record a fact, whatever shard it is in. */
import type { Event, EventType } from '../../../src/core/events.ts';
import type { Evidence, ShardJournal } from './evidence.ts';

export interface Fact<Kind extends Event = Event> {
  readonly shard: string;
  readonly position: number;
  /** UTC microseconds. */
  readonly at: number;
  readonly user: string;
  readonly correlationId: string;
  /** Of the trading day that was on; empty before the first. */
  readonly day: string;
  readonly event: Kind;
}

type Of<Type extends EventType> = Extract<Event, { type: Type }>;

export class Facts {
  /** Shard by shard, each in the order of its positions. */
  readonly all: readonly Fact[];
  readonly #byType = new Map<EventType, Fact[]>();

  constructor({ shards }: Pick<Evidence, 'shards'>) {
    this.all = shards.flatMap(factsOf);
    for (const fact of this.all) {
      const { type } = fact.event;
      const known = this.#byType.get(type);
      if (known === undefined) this.#byType.set(type, [fact]);
      else known.push(fact);
    }
  }

  of<Type extends EventType>(type: Type): readonly Fact<Of<Type>>[] {
    return (this.#byType.get(type) ?? []) as Fact<Of<Type>>[];
  }
}

function factsOf({ shard, batches }: ShardJournal): readonly Fact[] {
  const facts: Fact[] = [];
  let day = '';
  for (const { firstPosition, entries } of batches) {
    let position: number = firstPosition;
    for (const { at, user, correlationId, events } of entries) {
      for (const event of events) {
        if (event.type === 'TradingDayStarted') day = event.date;
        facts.push({ shard, position, at, user, correlationId, day, event });
        position += 1;
      }
    }
  }
  return facts;
}

/** Items that share a key, under it. */
export function grouped<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** When each was decided, in milliseconds since 1970. */
export const decidedAt = (facts: readonly Fact[]): readonly number[] => facts.map(({ at }) => at / 1000);

/** Where a fact stands, for people. */
export const placeOf = ({ shard, position }: Fact): string => `${shard}@${position}`;
