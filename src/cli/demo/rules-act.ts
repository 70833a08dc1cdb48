/** The acts in which the house says no: sizes, duplicates, strangers, the kill switch, the daily limit. */
import { SCALE } from '../../core/values/fixed-point.ts';
import { amountOf, counted, shown, toStep, wire } from './amounts.ts';
import type { ApiClient, Outcome } from './api-client.ts';
import { rulesOf } from './ledger.ts';
import { promise, quoteOf, resend, resolveUnheard, type Stage, send, type Trader } from './stage.ts';
import { type Intent, quantityFor } from './traders.ts';

const isAccepted = (outcome: Outcome): boolean =>
  outcome.kind === 'answered' && outcome.status !== 'REJECTED';
const isRefusedBy = (outcome: Outcome, rule: string): boolean => rulesOf(outcome).includes(rule);
const HUNDRED = 100n * SCALE;

/** A limit order of about `notional` that the market would fill at once: through the spread by a twentieth of a percent. */
async function marketable(
  stage: Stage,
  side: Intent['side'],
  notional: bigint,
  symbol = stage.symbols[0] ?? '',
): Promise<Intent> {
  const quote = await quoteOf(stage, symbol);
  const { bid, ask, tick } = quote;
  const price = side === 'BUY' ? toStep(ask + ask / 2000n, tick) : toStep(bid - bid / 2000n, tick);
  return {
    symbol: quote.symbol,
    side,
    type: 'LIMIT',
    quantity: quantityFor(notional, quote),
    price,
    strategy: 'burst',
  };
}

function traderOf({ traders }: Stage, style: string): Trader {
  const trader = traders.find(({ character }) => character.style === style);
  if (trader === undefined) throw new Error(`nobody is a ${style}`);
  return trader;
}

/** Too large, twice the same, the same with another price, and a symbol nobody knows. */
export async function showRules(stage: Stage): Promise<void> {
  const { terminal } = stage;
  const ada = traderOf(stage, 'crosser');

  const large = await marketable(stage, 'BUY', 20_000_000n * SCALE);
  terminal.say(`ada buys ${shown(large.quantity, 0)} ${large.symbol}: twenty million.`);
  const tooLarge = await send(stage, ada, large);
  promise(stage, isRefusedBy(tooLarge, 'POSITION_LIMIT'), words(tooLarge));

  const first = { ...(await marketable(stage, 'BUY', 5_000n * SCALE)), clientOrderId: stage.ledger.nextId() };
  terminal.say(
    `ada buys ${shown(first.quantity, 0)} ${first.symbol}, and sends the same order a second time.`,
  );
  const answered = await resend(stage, ada, first);
  const again = await resend(stage, ada, first);
  const firstId = answered.kind === 'answered' ? answered.orderId : '';
  promise(stage, again.kind === 'duplicate' && again.orderId === firstId, words(again));

  terminal.say('Then once more under the same client order id, with another price.');
  const other = await ada.client.place({ ...first, price: (first.price ?? 0n) + HUNDRED });
  stage.ledger.record(ada.client.user, first, other);
  promise(stage, other.kind === 'conflict' && other.orderId === firstId, words(other));

  terminal.say('She asks for a symbol that nobody has listed.');
  const unknown = await send(stage, ada, { ...large, symbol: 'NOSUCH', quantity: SCALE });
  promise(stage, isRefusedBy(unknown, 'UNKNOWN_SYMBOL'), words(unknown));
}

/** On: nothing new is taken, what works can still be canceled, compliance may not release it. Off: it goes on. */
export async function showKillSwitch(stage: Stage): Promise<void> {
  const { terminal, riskManager, auditor } = stage;
  const cleo = traderOf(stage, 'patient');
  const quote = await quoteOf(stage, stage.symbols[0] ?? '');
  const low = quote.bid - (quote.bid % quote.tick) - 20n * quote.tick;
  const resting = { ...(await marketable(stage, 'BUY', 4_000n * SCALE)), price: low > 0n ? low : quote.tick };
  const working = await send(stage, cleo, resting);

  terminal.say('The risk manager pulls the kill switch.');
  const on = await switchTo(riskManager, true, 'demo: something looks wrong');
  promise(stage, on.status === 200, String(on.body.message));
  for (const trader of stage.traders.slice(0, 3)) {
    const refused = await send(stage, trader, await marketable(stage, 'SELL', 3_000n * SCALE));
    promise(stage, isRefusedBy(refused, 'KILL_SWITCH_ACTIVE'), `${trader.client.user}: ${words(refused)}`);
  }
  if (working.kind === 'answered') {
    const canceled = await cleo.client.cancel(working.orderId);
    promise(
      stage,
      canceled === 200 || canceled === 409,
      `cleo cancels what she has working: HTTP ${canceled}`,
    );
  }
  const release = await switchTo(auditor, false, 'demo: not mine to release');
  promise(
    stage,
    release.status === 403,
    `compliance may pull it, but not release it: HTTP ${release.status}`,
  );

  terminal.say('The risk manager releases it.');
  const off = await switchTo(riskManager, false, 'demo: it was nothing');
  promise(stage, off.status === 200, String(off.body.message));
  const goesOn = await send(stage, cleo, await marketable(stage, 'BUY', 3_000n * SCALE));
  promise(stage, isAccepted(goesOn), `cleo trades again: ${words(goesOn)}`);
}

const switchTo = (client: ApiClient, isOn: boolean, reason: string) =>
  client.ask('POST', `/api/v1/risk/kill-switch?enabled=${isOn}&reason=${encodeURIComponent(reason)}`);

/** Orders of this size run the burst into the limit. */
const BURST_NOTIONAL = 60_000n * SCALE;
const BURST_MAX = 600;

/** Everyone at once, until the daily limit says stop; the risk manager raises it, and it goes on. */
export async function showDailyLimit(stage: Stage): Promise<void> {
  const { terminal, riskManager } = stage;
  const before = await riskManager.get('/api/v1/risk/limits');
  const limit = amountOf(before.max_daily_volume);
  const used = amountOf((await riskManager.get('/api/v1/risk/metrics')).daily_volume);
  terminal.say(
    `Of ${shown(limit, 0)} a day, ${shown(used, 0)} are used. All four buy and sell as fast as they can.`,
  );

  let accepted = 0;
  let refused = 0;
  const rush = async (trader: Trader): Promise<void> => {
    for (let count = 0; count < BURST_MAX / stage.traders.length && refused < 8; count += 1) {
      const symbol = stage.symbols[Math.floor(count / 2) % stage.symbols.length];
      const intent = await marketable(stage, count % 2 === 0 ? 'BUY' : 'SELL', BURST_NOTIONAL, symbol);
      const outcome = await send(stage, trader, intent);
      if (isAccepted(outcome)) accepted += 1;
      if (isRefusedBy(outcome, 'DAILY_VOLUME_LIMIT')) refused += 1;
    }
  };
  await Promise.all(stage.traders.map(rush));
  await resolveUnheard(stage);
  const after = amountOf((await riskManager.get('/api/v1/risk/metrics')).daily_volume);
  promise(
    stage,
    refused > 0 && after <= limit,
    `${counted(accepted)} accepted, then DAILY_VOLUME_LIMIT; the day stands at ${shown(after, 0)} of ${shown(limit, 0)}`,
  );

  terminal.say('The risk manager raises the daily limit by a half.');
  const raised = (limit * 3n) / 2n;
  const set = await riskManager.ask('PUT', '/api/v1/risk/limits?reason=demo', {
    max_position_size: wire(amountOf(before.max_position_size)),
    max_net_exposure: wire(amountOf(before.max_net_exposure)),
    max_gross_exposure: wire(amountOf(before.max_gross_exposure)),
    max_daily_volume: wire(raised),
  });
  const [trader] = stage.traders;
  if (trader === undefined || set.status !== 200)
    throw new Error(`the limits were not set: HTTP ${set.status}`);
  const next = await send(stage, trader, await marketable(stage, 'BUY', BURST_NOTIONAL));
  promise(stage, isAccepted(next), `${shown(raised, 0)} from here on; the next order: ${words(next)}`);
}

/** An outcome in the server's own words. */
function words(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.status === 'REJECTED' ? `REJECTED. ${outcome.message}` : outcome.status;
    case 'duplicate':
      return `409, and the first order's id: ${outcome.orderId}`;
    case 'conflict':
      return `409, a conflict with ${outcome.orderId}`;
    case 'refused':
      return `HTTP ${outcome.status} ${outcome.code}: ${outcome.detail}`;
    case 'unheard':
      return `no answer (${outcome.why})`;
  }
}
