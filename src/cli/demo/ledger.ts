/** What the clients saw, kept by the clients: the server's word is measured against it at the end. */
import type { OrderRequest, Outcome } from './api-client.ts';

export interface Sent {
  readonly user: string;
  readonly order: OrderRequest;
  /** Every answer to it, in order; the first one that names an order id is the acknowledgement. */
  readonly outcomes: Outcome[];
}

export class Ledger {
  readonly #sent = new Map<string, Sent>();
  #count = 0;

  /** A client order id that was not used before in this demo. */
  nextId(): string {
    this.#count += 1;
    return `demo-${String(this.#count).padStart(5, '0')}`;
  }

  record(user: string, order: OrderRequest, outcome: Outcome): void {
    const known = this.#sent.get(order.clientOrderId);
    if (known === undefined) this.#sent.set(order.clientOrderId, { user, order, outcomes: [outcome] });
    else known.outcomes.push(outcome);
  }

  get sent(): readonly Sent[] {
    return [...this.#sent.values()];
  }

  /** Orders whose fate nobody was told. */
  get unheard(): readonly Sent[] {
    return this.sent.filter((sent) => sent.outcomes.every(({ kind }) => kind === 'unheard'));
  }

  /** Orders the server gave an id, and so a promise. */
  get acknowledged(): readonly Sent[] {
    return this.sent.filter((sent) => orderIdOf(sent) !== undefined);
  }

  /** How often each rule said no, by its name on the wire. */
  get refusalsByRule(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { outcomes } of this.#sent.values()) {
      for (const rule of outcomes.flatMap(rulesOf)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
    return new Map([...counts].sort((a, b) => b[1] - a[1]));
  }
}

/** The id under which the server keeps the order; undefined where it gave none. */
export function orderIdOf({ outcomes }: Sent): string | undefined {
  for (const outcome of outcomes) {
    if (outcome.kind === 'answered' || outcome.kind === 'duplicate') return outcome.orderId;
  }
  return undefined;
}

/** The rules that refused, as the answer names them. */
export function rulesOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === 'duplicate') return ['CLIENT_ORDER_ID_DUPLICATE'];
  if (outcome.kind === 'conflict') return ['CLIENT_ORDER_ID_CONFLICT'];
  if (outcome.kind === 'refused') return [outcome.code];
  if (outcome.kind !== 'answered' || outcome.status !== 'REJECTED') return [];
  if (outcome.message.startsWith('Kill switch')) return ['KILL_SWITCH_ACTIVE'];
  return /^Risk violations: (.+)$/.exec(outcome.message)?.[1]?.split(', ') ?? [outcome.message];
}
