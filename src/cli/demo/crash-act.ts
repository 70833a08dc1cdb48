/** The act in which the server dies with orders in flight, and nothing that was promised is lost. */
import { counted } from './amounts.ts';
import type { Outcome } from './api-client.ts';
import { promise, resolveUnheard, type Stage, send, type Trader } from './stage.ts';
import { intentOf } from './traders.ts';
import { clockOf } from './trading.ts';

/** Requests that each trader keeps in flight. */
const LANES = 8;
/** So many answers in, the server is killed. */
const ANSWERS_BEFORE = 120;

export async function showCrash(stage: Stage): Promise<void> {
  const { terminal, server, market } = stage;
  terminal.say(`Every trader keeps ${LANES} orders in flight. In the middle of it the server gets SIGKILL.`);
  const answered = await rushAndKill(stage);
  const unheard = stage.ledger.unheard.length;
  const clock = clockOf(market.nowMs);
  const at = clock === '' ? '' : `: ${clock}`;
  promise(stage, unheard > 0, `dead, with ${counted(answered)} answered and ${unheard} unheard${at}`);

  terminal.say('It is started again on the same data, and the traders ask what became of their orders.');
  const tookMs = await server.start(stage.playFrom(market.nowMs), stage.signal);
  terminal.see(
    `healthy after ${(tookMs / 1000).toFixed(1)} s: PostgreSQL adopted, journal folded, venue reconciled`,
  );
  const { kept, anew } = await resolveUnheard(stage);
  promise(
    stage,
    stage.ledger.unheard.length === 0,
    `of the ${unheard} unheard, ${kept.length} had been committed (409, the first id) and ${anew.length} had not`,
  );
}

/** One more order from everyone, and the server is gone before it can answer: somebody is always left unheard. */
async function killInFlight(stage: Stage): Promise<void> {
  const last = stage.traders.map((trader) => sendAny(stage, trader));
  await stage.server.kill();
  await Promise.all(last);
}

async function sendAny(stage: Stage, trader: Trader): Promise<Outcome> {
  const { dice, character } = trader;
  const quote = stage.market.latest(stage.symbols[dice.below(stage.symbols.length)] ?? '');
  if (quote === undefined) throw new Error('the server shows no quotes');
  return await send(stage, trader, intentOf(character, quote, dice));
}

/** Resolves with how many orders were answered before the server was gone. */
async function rushAndKill(stage: Stage): Promise<number> {
  let answered = 0;
  let killed: Promise<void> | undefined;
  const lane = async (trader: Trader): Promise<void> => {
    while (killed === undefined) {
      const outcome = await sendAny(stage, trader);
      if (outcome.kind !== 'unheard') answered += 1;
      if (answered >= ANSWERS_BEFORE) killed ??= killInFlight(stage);
      stage.signal.throwIfAborted();
    }
  };
  await Promise.all(stage.traders.flatMap((trader) => Array.from({ length: LANES }, () => lane(trader))));
  await killed;
  return answered;
}
