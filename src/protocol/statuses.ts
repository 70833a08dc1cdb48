/** How an order's status is called: in the core, on the v1 wire, and in FIX OrdStatus(39). */
import type { OrderStatus } from '../core/orders/lifecycle.ts';

/** Every word v1 knows. PENDING and RISK_CHECK are the original's; here an order passes them in one step. */
export const ORDER_WORDS = [
  'PENDING',
  'RISK_CHECK',
  'APPROVED',
  'REJECTED',
  'EXECUTING',
  'PARTIALLY_EXECUTED',
  'PENDING_CANCEL',
  'EXECUTED',
  'FAILED',
  'CANCELLED',
  'EXPIRED',
] as const;
export type OrderWord = (typeof ORDER_WORDS)[number];

interface Spelling {
  readonly word: OrderWord;
  /** FIX OrdStatus(39). */
  readonly fix: string;
}

export const SPELLINGS: Readonly<Record<OrderStatus, Spelling>> = {
  PendingNew: { word: 'APPROVED', fix: 'A' }, // Pending New: risk passed, the venue has not spoken
  New: { word: 'EXECUTING', fix: '0' }, // New
  PartiallyFilled: { word: 'PARTIALLY_EXECUTED', fix: '1' }, // Partially filled
  PendingCancel: { word: 'PENDING_CANCEL', fix: '6' }, // Pending Cancel
  Filled: { word: 'EXECUTED', fix: '2' }, // Filled
  Canceled: { word: 'CANCELLED', fix: '4' }, // Canceled
  Expired: { word: 'EXPIRED', fix: 'C' }, // Expired
  Denied: { word: 'REJECTED', fix: '8' }, // Rejected: our own rules
  Rejected: { word: 'REJECTED', fix: '8' }, // Rejected: the venue
  Failed: { word: 'FAILED', fix: '8' }, // Rejected: it verifiably reached no venue
};

/** The v1 word for a core status. */
export const wordOf = (status: OrderStatus): OrderWord => SPELLINGS[status].word;

/** Every core status that v1 calls `word`; none for the two words no order rests in. */
export function statusesOf(word: OrderWord): readonly OrderStatus[] {
  const all = Object.keys(SPELLINGS) as OrderStatus[];
  return all.filter((status) => SPELLINGS[status].word === word);
}
