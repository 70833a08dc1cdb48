/** Traders who keep their own history: written before and after each call, so that it can be held against the server's. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, OrderWords } from './client.ts';
import type { Dice } from './dice.ts';

/** One order as its trader knows it. */
export interface Sent {
  readonly user: string;
  readonly clientOrderId: string;
  readonly words: OrderWords;
  /** Calls whose outcome is not known: no answer, or a 503. Each is followed by another one under the same id. */
  unheard: number;
  /** What the server promised, at last. */
  acknowledged: { readonly orderId: string; readonly status: string } | undefined;
}

/** An answer that no trader should ever get. */
export interface Surprise {
  readonly clientOrderId: string;
  readonly status: number;
  readonly says: string;
}

export interface TrafficOptions {
  readonly clients: readonly [Client, ...Client[]];
  /** How many place orders at the same time. */
  readonly traders: number;
  readonly dice: Dice;
  readonly wordsOf: (dice: Dice) => OrderWords;
  /** The part of orders that is canceled right after. */
  readonly cancelRate?: number;
  /** Rest between two orders of a trader, in milliseconds. */
  readonly pauseMs?: number;
}

/** Rest before an order whose outcome is not known is sent again, in milliseconds. */
const AGAIN_MS = 50;
/** The longest that traders wait for anything: several outages, each with its recovery. Milliseconds. */
const PATIENCE_MS = 90_000;

export class Traffic {
  readonly history: Sent[] = [];
  readonly surprises: Surprise[] = [];
  /** Every 503: did it say when to come again? */
  readonly unavailable: { readonly retryAfter: string | null }[] = [];
  readonly #options: TrafficOptions;
  #traders: Promise<void>[] = [];
  #isOver = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  get acknowledged(): readonly Sent[] {
    return this.history.filter((sent) => sent.acknowledged !== undefined);
  }

  start(): void {
    const { traders, clients } = this.#options;
    this.#traders = Array.from({ length: traders }, (_, n) =>
      this.#trade(n, clients[n % clients.length] ?? clients[0]),
    );
  }

  /** No new orders; resolves when every one that was sent has its answer. */
  async finish(): Promise<void> {
    this.#isOver = true;
    let areDone = false;
    const traders = Promise.all(this.#traders).then(() => {
      areDone = true;
    });
    await Promise.race([traders, this.#until(() => areDone, 'every order has its answer')]);
  }

  /** Resolves when `more` further orders were acknowledged. */
  async progress(more: number): Promise<void> {
    const enough = this.acknowledged.length + more;
    await this.#until(() => this.acknowledged.length >= enough, `${enough} orders are acknowledged`);
  }

  /** @throws Error when that takes longer than anything here may take */
  async #until(isSo: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > deadline) {
        const open = this.history.filter((sent) => sent.acknowledged === undefined);
        const says = JSON.stringify({ open, surprises: this.surprises, refused: this.unavailable.length });
        throw new Error(`it never came to pass that ${what}: ${says}`);
      }
      await sleep(5);
    }
  }

  async #trade(trader: number, client: Client): Promise<void> {
    const { dice, wordsOf, cancelRate = 0, pauseMs = 0 } = this.#options;
    for (let n = 0; !this.#isOver; n++) {
      const clientOrderId = `t${trader}-${n}`;
      const words = wordsOf(dice);
      const sent: Sent = { user: client.user, clientOrderId, words, unheard: 0, acknowledged: undefined };
      this.history.push(sent); // before the call
      await this.#place(client, sent);
      const isToCancel = dice.chance(cancelRate);
      if (isToCancel && sent.acknowledged?.status === 'APPROVED') {
        await client.cancel(sent.acknowledged.orderId).catch(() => undefined);
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  /** Until the outcome is known: under the same client order id, so that it cannot be taken twice. */
  async #place(client: Client, sent: Sent): Promise<void> {
    const { clientOrderId: client_order_id } = sent;
    while (sent.acknowledged === undefined) {
      const answer = await client.place({ ...sent.words, client_order_id }).catch(() => undefined);
      if (answer?.status === 200) {
        sent.acknowledged = { orderId: answer.body.order_id, status: String(answer.body.status) };
      } else if (
        answer?.status === 409 &&
        answer.body.code === 'CLIENT_ORDER_ID_DUPLICATE' &&
        sent.unheard > 0
      ) {
        sent.acknowledged = { orderId: answer.body.order_id, status: 'APPROVED' }; // an earlier call was heard
      } else if (answer === undefined || answer.status === 503) {
        sent.unheard++;
        if (answer !== undefined) this.unavailable.push({ retryAfter: answer.headers.get('retry-after') });
        await sleep(AGAIN_MS);
      } else {
        const { status, body } = answer;
        this.surprises.push({ clientOrderId: client_order_id, status, says: JSON.stringify(body) });
        return;
      }
    }
  }
}
