/** The close: what works is canceled, the books are read, and everything that was promised is proved. */
import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from './amounts.ts';
import type { Benchmark } from './benchmark.ts';
import { type Books, readBooks } from './books.ts';
import { type Proof, proofsOf } from './proofs.ts';
import { printReport } from './report.ts';
import type { Stage } from './stage.ts';

/** Words of v1 for an order that may still be filled. */
const WORKING = ['APPROVED', 'EXECUTING', 'PARTIALLY_EXECUTED', 'PENDING_CANCEL'];
const CANCEL_ROUNDS_MAX = 100;

/** Cancels what works until nothing does: after this no fill can come any more. */
export async function cancelAll(stage: Stage): Promise<void> {
  let canceled = 0;
  for (let round = 0; round < CANCEL_ROUNDS_MAX; round += 1) {
    const working = await workingOrders(stage);
    if (working.length === 0) {
      stage.terminal.say(`The desk is flat of orders: ${counted(canceled)} were canceled.`);
      return;
    }
    for (const { client, orderId } of working) if ((await client.cancel(orderId)) === 200) canceled += 1;
    await sleep(50, undefined, { signal: stage.signal });
  }
  throw new Error('orders are still working after all were canceled');
}

async function workingOrders({ traders }: Stage) {
  const found = [];
  for (const { client } of traders) {
    for (const status of WORKING) {
      const page = await client.get(`/api/v1/orders?limit=1000&status=${status}`);
      const rows = page.orders as readonly Record<string, unknown>[];
      found.push(...rows.map((row) => ({ client, orderId: String(row.order_id) })));
    }
  }
  return found;
}

/** Prints report and proofs. Resolves true when all of them hold. */
export async function closeTheDay(stage: Stage, benchmark: Benchmark | undefined): Promise<boolean> {
  const { terminal, ledger, market, auditor } = stage;
  await cancelAll(stage);
  const books = await readBooks(auditor);
  terminal.gap();
  printReport(terminal, { ledger, books, market, benchmark });
  terminal.gap();
  const proofs = [promisesKept(stage), ...proofsOf(ledger, books), ...(await operatorProofs(stage, books))];
  for (const { isGood, what, figures } of proofs) terminal.check(isGood, what, figures);
  return proofs.every(({ isGood }) => isGood);
}

function promisesKept({ promises }: Stage): Proof {
  const kept = promises.filter(({ isKept }) => isKept).length;
  return {
    what: 'every act ended as it should',
    isGood: kept === promises.length,
    figures: `${kept} of ${promises.length}`,
  };
}

/** What an operator can ask of the data when the server is stopped. */
async function operatorProofs({ server }: Stage, books: Books): Promise<readonly Proof[]> {
  const exit = await server.stop();
  const verified = await server.command(['verify']);
  const rebuilt = await server.command(['rebuild']);
  return [
    { what: 'the server stops cleanly', isGood: exit === 0, figures: `exit code ${exit}` },
    {
      what: 'the hash chain verifies from genesis',
      isGood: verified.code === 0,
      figures: /^(sound|BROKEN).*/m.exec(verified.output)?.[0] ?? lastLine(verified.output),
    },
    {
      what: 'the read models, rebuilt from the journal, are equal',
      isGood: rebuilt.code === 0,
      figures: rebuilt.code === 0 ? `${counted(books.orders.length)} orders` : lastLine(rebuilt.output),
    },
  ];
}

const lastLine = (output: string): string =>
  output
    .trim()
    .split(/[\r\n]+/)
    .at(-1)
    ?.trim() ?? '';
