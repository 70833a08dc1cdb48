/** The cancel of an order: sent as soon as anything tells its shard, however old, since its engine decides anyhow. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from '../../../access/directory.ts';
import type { CancelOrder } from '../../../core/commands.ts';
import { isFinished } from '../../../core/orders/lifecycle.ts';
import { InvariantBroken } from '../../../core/values/assert.ts';
import type { OrderId, UserId } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { Committed } from '../../../journal/entry.ts';
import type { OrderRow } from '../../../projections/reads.ts';
import { OrderPath } from '../../../protocol/schemas/orders.ts';
import { ReasonQuery } from '../../../protocol/schemas/risk.ts';
import { inDoubt, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wordOf } from '../../../protocol/statuses.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';
import type { Freshness } from '../freshness.ts';
import { isInDoubt, pendingAnswer, unknownOrder } from '../in-doubt.ts';
import { attributionOf, orderIdOf, principalOf } from '../requests.ts';

const tags = ['orders'];

const PENDING =
  'Not answered in time, though it may have been sent: look the order up by its id, or ask again';

type CancelRequest = FastifyRequest<{ Params: OrderPath; Querystring: ReasonQuery }>;

export function cancelRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Ask for the cancel of a working order',
    params: OrderPath,
    querystring: ReasonQuery,
    response: {
      200: refTo('CancelAnswer'),
      ...inDoubt('PendingAnswer'),
      ...problems(401, 403, 404, 409, 422, 429, 503),
    },
  };
  app.delete<{ Params: OrderPath; Querystring: ReasonQuery }>(
    '/api/v1/orders/:order_id',
    { schema, config: { access: 'CancelOwnOrder' } },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const committed = await cancel(deps, freshness, request, orderId);
      if (committed !== undefined) return cancelAnswer(orderId, request.id, committed);
      reply.code(202);
      return pendingAnswer(orderId, request.id, PENDING);
    },
  );
}

/** Undefined: it is in doubt. @throws Fault as {@link Whereabouts} */
async function cancel(
  deps: HttpDeps,
  freshness: Freshness,
  request: CancelRequest,
  orderId: OrderId,
): Promise<Committed | undefined> {
  const principal = principalOf(request);
  const order = new Whereabouts(deps, freshness, orderId, principal);
  const command: CancelOrder = { type: 'CancelOrder', orderId, owner: order.owner };
  const send = async (shard: string): Promise<Committed | undefined> => {
    try {
      const committed = await deps.firm.submit(shard, command, attributionOf(request, request.query.reason));
      await freshness.wrote(principal.user, shard, committed.position);
      return committed;
    } catch (error) {
      if (!isInDoubt(error)) throw error;
      return undefined;
    }
  };
  const known = await order.known();
  if (known !== undefined) return await send(known);
  const likely = await order.likely();
  if (likely !== undefined) {
    const asked = await send(likely);
    if (asked === undefined || !isNothingThere(asked)) return asked;
  }
  return await send(await order.settled());
}

/** Where an order works, as far as each source can tell; the quick ones come first. */
class Whereabouts {
  /** Whose it must be; undefined: anyone's. */
  readonly owner: UserId | undefined;
  readonly #deps: HttpDeps;
  readonly #freshness: Freshness;
  readonly #orderId: OrderId;
  readonly #principal: Principal;

  constructor(deps: HttpDeps, freshness: Freshness, orderId: OrderId, principal: Principal) {
    this.owner = principal.permissions.has('CancelAnyOrder') ? undefined : principal.user;
    this.#deps = deps;
    this.#freshness = freshness;
    this.#orderId = orderId;
    this.#principal = principal;
  }

  /**
   * What is remembered of it, or its row in SQL at whatever age: an order does not change its account, and what is
   * finished stays so. @throws Fault ORDER_UNKNOWN, ORDER_NOT_WORKING or DATABASE_UNAVAILABLE
   */
  async known(): Promise<string | undefined> {
    const { firm, reads } = this.#deps;
    const holder = await firm.holderOf(this.#orderId);
    if (holder !== undefined && this.#isVisible(holder)) return holder.shard;
    if (holder !== undefined) throw new Fault('ORDER_UNKNOWN', this.#orderId);
    if (!firm.mayWorkUnseen(this.#orderId)) return undefined;
    const row = await reads.order(this.#orderId);
    return row === undefined ? undefined : await this.#shardOf(row);
  }

  /**
   * The shard of the caller's account, where their orders are. Undefined: they may cancel anyone's, or the read models
   * say that there is no such order, and a cancel of nothing leaves no event. @throws Fault DATABASE_UNAVAILABLE
   */
  async likely(): Promise<string | undefined> {
    const { firm } = this.#deps;
    if (this.owner === undefined || !firm.mayWorkUnseen(this.#orderId)) return undefined;
    if (!firm.mayBeUnderWay(this.#orderId) && (await this.#freshness.isCurrent())) return undefined;
    return await firm.shardOf(this.#principal.account);
  }

  /**
   * Waits for the read models.
   * @throws Fault ORDER_UNKNOWN or ORDER_NOT_WORKING; PROJECTION_BEHIND, DATABASE_UNAVAILABLE
   * @throws Fault COMMAND_IN_DOUBT: the order may be on its way, to whichever shard
   */
  async settled(): Promise<string> {
    const { firm, reads } = this.#deps;
    await this.#freshness.settle(this.#principal.user);
    const row = await reads.order(this.#orderId);
    if (row === undefined) throw unknownOrder(firm, this.#orderId);
    return await this.#shardOf(row);
  }

  async #shardOf(row: OrderRow): Promise<string> {
    if (!this.#isVisible(row)) throw new Fault('ORDER_UNKNOWN', this.#orderId);
    if (isFinished(row.status)) throw new Fault('ORDER_NOT_WORKING', this.#orderId);
    return await this.#deps.firm.shardOf(row.account);
  }

  #isVisible({ user }: { readonly user: UserId }): boolean {
    return this.owner === undefined || user === this.owner;
  }
}

/** The shard has no such order at work: it is finished, was never there, or is another shard's. */
const isNothingThere = ({ events }: Committed): boolean =>
  events.some((event) => event.type === 'CancelRefused' && event.why === 'NotWorking');

/** @throws Fault ORDER_NOT_WORKING or ORDER_UNKNOWN: it finished, or a cancel came first, since we looked */
function cancelAnswer(orderId: OrderId, correlationId: string, { at, events }: Committed) {
  for (const event of events) {
    if (event.type === 'CancelRefused') {
      throw new Fault(event.why === 'NotOwner' ? 'ORDER_UNKNOWN' : 'ORDER_NOT_WORKING', orderId);
    }
    if (event.type === 'CancelRequested') {
      return {
        order_id: orderId,
        status: wordOf('PendingCancel'),
        correlation_id: correlationId,
        timestamp: wireTime(at),
        message: 'Cancel requested; the venue has the last word',
      };
    }
  }
  throw new InvariantBroken('a cancel is requested or refused');
}
