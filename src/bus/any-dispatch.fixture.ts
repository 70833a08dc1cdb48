/** For tests: any dispatch that the doors could send. */
import fc from 'fast-check';
import type { Order } from '../core/orders/order.ts';
import type { Limits } from '../core/risk/limits.ts';
import { VALUE_MAX } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import type { Attribution } from '../journal/entry.ts';
import type { Dispatch, RemoteCommand } from './dispatch.ts';

const plain = { noNullPrototype: true } as const;
const name = fc.stringMatching(/^[a-zA-Z0-9 é–_.-]{1,40}$/);
const visible = fc.stringMatching(/^[\x21-\x7e]{1,60}$/);
const positive = fc.bigInt({ min: 1n, max: VALUE_MAX });
const amount = fc.bigInt({ min: 0n, max: VALUE_MAX });
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map((at) => at as Micros);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const order = fc
  .record(
    {
      orderId: fc.uuid(),
      correlationId: fc.uuid(),
      user: name,
      account: name,
      ticker: fc.stringMatching(/^[A-Z0-9][A-Z0-9./_:=^-]{0,19}$/),
      side: fc.constantFrom('BUY', 'SELL'),
      type: fc.constantFrom('LIMIT', 'MARKET'),
      quantity: positive,
      price: positive,
      strategy: fc.stringMatching(/^[a-z ]{0,50}$/),
      clientOrderId: optional(visible),
    },
    plain,
  )
  .map((made) => ({ ...made, price: made.type === 'MARKET' ? undefined : made.price }) as Order);

const limits = fc.record(
  { positionMax: amount, dailyVolumeMax: amount, netExposureMax: amount, grossExposureMax: amount },
  plain,
) as fc.Arbitrary<Limits>;

const command = fc.oneof(
  { weight: 4, arbitrary: order.map((made) => ({ type: 'PlaceOrder', order: made, quote: undefined })) },
  fc.record({ type: fc.constant('CancelOrder'), orderId: fc.uuid(), owner: optional(name) }, plain),
  limits.map((made) => ({ type: 'SetLimits', limits: made })),
  fc.constantFrom('EngageKillSwitch', 'ReleaseKillSwitch').map((type) => ({ type })),
  fc.record(
    {
      type: fc.constant('RecordAccess'),
      what: fc.constantFrom('LoggedIn', 'LoginRefused', 'Exported'),
      subject: name,
    },
    plain,
  ),
) as fc.Arbitrary<RemoteCommand>;

const by = fc.record(
  { user: name, origin: name, correlationId: fc.uuid(), reason: optional(name) },
  plain,
) as fc.Arbitrary<Attribution>;

export const anyDispatch: fc.Arbitrary<Dispatch> = fc.record(
  {
    commandId: fc.uuid(),
    shard: name,
    command,
    by,
    sentAt: time,
    deadline: optional(time),
    replyTo: optional(visible),
  },
  plain,
);
