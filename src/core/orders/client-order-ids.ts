/** Remembers which client order ids were used on this trading day. (Contract; filled in with the core.) */
import type { ClientOrderId, OrderId, UserId } from '../values/names.ts';
export class ClientOrderIds {
  first(_user: UserId, _id: ClientOrderId): OrderId | undefined {
    return undefined;
  }
}
