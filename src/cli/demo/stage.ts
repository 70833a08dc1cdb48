/** What every act of the demo plays with: the people, their ledger, the market and the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../market-data/random.ts';
import type { ApiClient, OrderRequest, Outcome } from './api-client.ts';
import type { Ledger, Sent } from './ledger.ts';
import type { MarketView, SeenQuote } from './market-view.ts';
import type { Environment, ServerProcess } from './server-process.ts';
import type { Terminal } from './terminal.ts';
import type { Character, Intent } from './traders.ts';

export interface Trader {
  readonly client: ApiClient;
  readonly character: Character;
  readonly dice: Random;
  /** Ids of orders that may still be working, oldest first. */
  readonly resting: string[];
}

export interface Stage {
  readonly terminal: Terminal;
  readonly server: ServerProcess;
  /** Settings that make the server play on from a recorded instant, ms since 1970. */
  readonly playFrom: (fromMs: number | undefined) => Environment;
  readonly traders: readonly Trader[];
  readonly riskManager: ApiClient;
  readonly auditor: ApiClient;
  readonly market: MarketView;
  /** What the demo trades: the quote file's instrument, or a few of the generator's. */
  readonly symbols: readonly string[];
  readonly ledger: Ledger;
  /** Aborts when the demo is interrupted. */
  readonly signal: AbortSignal;
  /** What an act said would happen, and whether it did. */
  readonly promises: { readonly what: string; readonly isKept: boolean }[];
}

/** Notes what must have happened; a promise that was not kept fails the demo at its end. */
export function promise(stage: Stage, isKept: boolean, what: string): void {
  stage.promises.push({ what, isKept });
  stage.terminal.see(isKept ? what : `NOT AS IT SHOULD BE: ${what}`);
}

/** Sends an order under a new client order id. */
export async function send(stage: Stage, trader: Trader, intent: Intent): Promise<Outcome> {
  return await resend(stage, trader, { ...intent, clientOrderId: stage.ledger.nextId() });
}

/** Sends an order under the id that it has. */
export async function resend(stage: Stage, trader: Trader, order: OrderRequest): Promise<Outcome> {
  const outcome = await trader.client.place(order);
  stage.ledger.record(trader.client.user, order, outcome);
  if (outcome.kind === 'answered' && outcome.status !== 'REJECTED') trader.resting.push(outcome.orderId);
  return outcome;
}

/** The quote of `symbol`, waiting for the first one. @throws Error when none comes within ten seconds */
export async function quoteOf(stage: Stage, symbol: string): Promise<SeenQuote> {
  for (let look = 0; look < 200; look += 1) {
    const quote = stage.market.latest(symbol);
    if (quote !== undefined) return quote;
    await sleep(50, undefined, { signal: stage.signal });
  }
  throw new Error(`the server shows no quote of ${symbol}`);
}

/**
 * Asks what became of every order whose answer was never heard, by sending it again under the same client order
 * id. Resolves with those that turned out to be in the journal already, and those that were not.
 */
export async function resolveUnheard(
  stage: Stage,
): Promise<{ kept: readonly Sent[]; anew: readonly Sent[] }> {
  const kept: Sent[] = [];
  const anew: Sent[] = [];
  for (const sent of stage.ledger.unheard) {
    const trader = stage.traders.find(({ client }) => client.user === sent.user);
    if (trader === undefined) throw new Error(`${sent.user} has left`);
    const outcome = await insist(stage, trader, sent.order);
    (outcome.kind === 'duplicate' ? kept : anew).push(sent);
  }
  return { kept, anew };
}

async function insist(stage: Stage, trader: Trader, order: OrderRequest): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await resend(stage, trader, order);
    if (outcome.kind !== 'unheard' || attempt === 20) return outcome;
    await sleep(250, undefined, { signal: stage.signal });
  }
}
