/**
 * A dispatch as the bytes of one message, and back. MessagePack, an array led by the version; what reads is checked
 * again, for whoever may write to the topic may write anything.
 *
 * To change the format: raise VERSION and keep reading the old one, since old messages and old senders live on for days.
 */
import type { Order, OrderType, Side } from '../core/orders/order.ts';
import type { Limits } from '../core/risk/limits.ts';
import type { Notional, Price, Quantity } from '../core/values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  Micros,
  OrderId,
  Ticker,
  UserId,
} from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution } from '../journal/entry.ts';
import { WireMismatch, WireReader } from '../journal/wire-reader.ts';
import { WireWriter } from '../journal/wire-writer.ts';
import type { Dispatch, RemoteCommand } from './dispatch.ts';
import { checkDispatch, invalid } from './dispatch-check.ts';

export const DISPATCH_VERSION = 1;

const FIELDS = 9;
const ORDER_FIELDS = 11;
const TAGS = {
  PlaceOrder: 1,
  CancelOrder: 2,
  SetLimits: 3,
  EngageKillSwitch: 4,
  ReleaseKillSwitch: 5,
  RecordAccess: 6,
} as const satisfies Record<RemoteCommand['type'], number>;
const SIDES: readonly Side[] = ['BUY', 'SELL'];
const ORDER_TYPES: readonly OrderType[] = ['LIMIT', 'MARKET'];
const ACCESSES = ['LoggedIn', 'LoginRefused', 'Exported'] as const;

const writer = new WireWriter();

/** @throws Fault COMMAND_INVALID: no engine would take it */
export function encodeDispatch(dispatch: Dispatch): Buffer {
  checkDispatch(dispatch);
  writer.reset();
  writer.array(FIELDS);
  writer.small(DISPATCH_VERSION);
  writer.id(dispatch.commandId);
  writer.text(dispatch.shard);
  writer.micros(dispatch.sentAt);
  if (dispatch.deadline === undefined) writer.nothing();
  else writer.micros(dispatch.deadline);
  optionalText(dispatch.replyTo);
  writeAttribution(dispatch.by);
  writer.small(TAGS[dispatch.command.type]);
  writeCommand(dispatch.command);
  return writer.toBuffer();
}

function optionalText(text: string | undefined): void {
  if (text === undefined) writer.nothing();
  else writer.text(text);
}

function writeAttribution({ user, origin, correlationId, reason }: Attribution): void {
  writer.array(4);
  writer.text(user);
  writer.text(origin);
  writer.id(correlationId);
  optionalText(reason);
}

function writeCommand(command: RemoteCommand): void {
  switch (command.type) {
    case 'PlaceOrder':
      return writeOrder(command.order);
    case 'CancelOrder':
      writer.array(2);
      writer.id(command.orderId);
      return optionalText(command.owner);
    case 'SetLimits':
      return writeLimits(command.limits);
    case 'RecordAccess':
      writer.array(2);
      writer.small(ACCESSES.indexOf(command.what));
      return writer.text(command.subject);
    default:
      return writer.nothing();
  }
}

function writeOrder(order: Order): void {
  writer.array(ORDER_FIELDS);
  writer.id(order.orderId);
  writer.id(order.correlationId);
  writer.text(order.user);
  writer.text(order.account);
  writer.text(order.ticker);
  writer.small(SIDES.indexOf(order.side));
  writer.small(ORDER_TYPES.indexOf(order.type));
  writer.fixed(order.quantity);
  if (order.price === undefined) writer.nothing();
  else writer.fixed(order.price);
  writer.text(order.strategy);
  optionalText(order.clientOrderId);
}

function writeLimits({ positionMax, dailyVolumeMax, netExposureMax, grossExposureMax }: Limits): void {
  writer.array(4);
  for (const limit of [positionMax, dailyVolumeMax, netExposureMax, grossExposureMax]) writer.fixed(limit);
}

/** @throws Fault COMMAND_INVALID, whatever the bytes are */
export function decodeDispatch(bytes: Buffer): Dispatch {
  try {
    const dispatch = readDispatch(new WireReader(bytes));
    checkDispatch(dispatch);
    return dispatch;
  } catch (error) {
    // A RangeError: the bytes end in the middle of a value, or claim an impossible length.
    if (!(error instanceof WireMismatch) && !(error instanceof RangeError)) throw error;
    throw new Fault('COMMAND_INVALID', error.message, { cause: error });
  }
}

function readDispatch(reader: WireReader): Dispatch {
  reader.arrayOf(FIELDS);
  const version = reader.small();
  if (version !== DISPATCH_VERSION) throw invalid('version', `${version} is unknown to this program`);
  const commandId = reader.id();
  const shard = reader.text();
  const sentAt = reader.micros() as Micros;
  const deadline = reader.isNothing() ? undefined : (reader.micros() as Micros);
  const replyTo = readOptionalText(reader);
  const by = readAttribution(reader);
  const command = readCommand(reader.small(), reader);
  reader.end();
  return { commandId, shard, command, by, sentAt, deadline, replyTo };
}

const readOptionalText = (reader: WireReader): string | undefined =>
  reader.isNothing() ? undefined : reader.text();

function readAttribution(reader: WireReader): Attribution {
  reader.arrayOf(4);
  const user = reader.text() as UserId;
  const origin = reader.text();
  const correlationId = reader.id() as CorrelationId;
  return { user, origin, correlationId, reason: readOptionalText(reader) };
}

function readCommand(tag: number, reader: WireReader): RemoteCommand {
  switch (tag) {
    case TAGS.PlaceOrder:
      return { type: 'PlaceOrder', order: readOrder(reader), quote: undefined };
    case TAGS.CancelOrder: {
      reader.arrayOf(2);
      const orderId = reader.id() as OrderId;
      return { type: 'CancelOrder', orderId, owner: readOptionalText(reader) as UserId | undefined };
    }
    case TAGS.SetLimits:
      return { type: 'SetLimits', limits: readLimits(reader) };
    case TAGS.EngageKillSwitch:
      return bare(reader, { type: 'EngageKillSwitch' });
    case TAGS.ReleaseKillSwitch:
      return bare(reader, { type: 'ReleaseKillSwitch' });
    case TAGS.RecordAccess: {
      reader.arrayOf(2);
      const what = wordOf('what', ACCESSES, reader.small());
      return { type: 'RecordAccess', what, subject: reader.text() };
    }
    default:
      throw invalid('command', `has the unknown tag ${tag}`);
  }
}

function bare<Command>(reader: WireReader, command: Command): Command {
  if (!reader.isNothing()) throw invalid('command', 'has fields where it has none');
  return command;
}

function readOrder(reader: WireReader): Order {
  reader.arrayOf(ORDER_FIELDS);
  return {
    orderId: reader.id() as OrderId,
    correlationId: reader.id() as CorrelationId,
    user: reader.text() as UserId,
    account: reader.text() as AccountId,
    ticker: reader.text() as Ticker,
    side: wordOf('side', SIDES, reader.small()),
    type: wordOf('type', ORDER_TYPES, reader.small()),
    quantity: reader.fixed() as Quantity,
    price: reader.isNothing() ? undefined : (reader.fixed() as Price),
    strategy: reader.text(),
    clientOrderId: readOptionalText(reader) as ClientOrderId | undefined,
  };
}

function readLimits(reader: WireReader): Limits {
  reader.arrayOf(4);
  const positionMax = reader.fixed() as Notional;
  const dailyVolumeMax = reader.fixed() as Notional;
  const netExposureMax = reader.fixed() as Notional;
  return { positionMax, dailyVolumeMax, netExposureMax, grossExposureMax: reader.fixed() as Notional };
}

function wordOf<Word>(field: string, words: readonly Word[], index: number): Word {
  const word = words[index];
  if (word === undefined) throw invalid(field, 'is no word we know');
  return word;
}
