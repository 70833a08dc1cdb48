/** Everything the order core knows: what `evolve` writes and `decide` reads. Finished orders are not in it. */
import type { Listing } from './instruments/instrument.ts';
import { ClientOrderIds } from './orders/client-order-ids.ts';
import { ExecutionIds } from './orders/execution-ids.ts';
import { WorkingOrders } from './orders/working-orders.ts';
import type { Holdings } from './positions/holdings.ts';
import { RiskGroup } from './risk/risk-group.ts';
import type { AccountId, Ticker, TradingDate } from './values/names.ts';

export interface Account {
  readonly accountId: AccountId;
  /** What it holds, and the P&L realised there, by the instrument's slot. */
  readonly holdings: Holdings;
}

export interface State {
  /** Undefined until the first day starts. */
  tradingDate: TradingDate | undefined;
  /** Venues are reconciled and orders may come. */
  isOpen: boolean;
  isKillSwitchEngaged: boolean;
  readonly instruments: Map<Ticker, Listing>;
  readonly accounts: Map<AccountId, Account>;
  /** The firm: the one level that limits are set at today, over all accounts. */
  readonly firm: RiskGroup;
  readonly orders: WorkingOrders;
  readonly clientOrderIds: ClientOrderIds;
  readonly executionIds: ExecutionIds;
}

export const initialState = (): State => ({
  tradingDate: undefined,
  isOpen: false,
  isKillSwitchEngaged: false,
  instruments: new Map(),
  accounts: new Map(),
  firm: new RiskGroup(),
  orders: new WorkingOrders(),
  clientOrderIds: new ClientOrderIds(),
  executionIds: new ExecutionIds(),
});
