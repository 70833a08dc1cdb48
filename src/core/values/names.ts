/** The names things go by: text at run time, told apart by the compiler. */
declare const kind: unique symbol;
type Name<Kind extends string> = string & { readonly [kind]: Kind };

/** UUIDv7, lower case, minted at the door an order comes in by: before the sequencer sees it. */
export type OrderId = Name<'order'>;
/** A trader's own name for an order: unique for a user and a trading day among orders that passed risk. */
export type ClientOrderId = Name<'client order'>;
/** A venue's name for one execution: unique at that venue. */
export type ExecutionId = Name<'execution'>;
/** An instrument's ticker, upper case, 1 to 20 characters. */
export type Ticker = Name<'instrument'>;
/** Where positions and P&L are kept. */
export type AccountId = Name<'account'>;
/** Who does something: a user, or one of the platform's own hands (`system`, `venue:SIM`). */
export type UserId = Name<'user'>;
/** One conversation: everything that one request brought about carries the same one. UUID. */
export type CorrelationId = Name<'correlation'>;
/** A trading day as `YYYY-MM-DD`, in the exchange's own zone. */
export type TradingDate = Name<'trading date'>;
/** UTC microseconds since 1970, an integer below 2^53. */
export type Micros = number & { readonly [kind]: 'microseconds' };
/** Counts the facts of a shard's journal from 1; 0 is before the first. */
export type Position = number & { readonly [kind]: 'journal position' };

/** The one account that every deployment has; users trade for it unless they were given another. */
export const HOUSE_ACCOUNT = 'HOUSE' as AccountId;
