/** What a dispatch must hold, so that no message can bring the core to an assertion: the doors' bounds, once more. */
import type { Order } from '../core/orders/order.ts';
import { VALUE_MAX } from '../core/values/fixed-point.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution } from '../journal/entry.ts';
import type { Dispatch, RemoteCommand } from './dispatch.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** As listed: upper case. */
const TICKER = /^[A-Z0-9][A-Z0-9./_:=^-]{0,19}$/;
const VISIBLE = /^[\x21-\x7e]+$/;
/** Characters that would break a line of a log, and half a surrogate pair, which no journal row takes. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

const NAME_MAX = 64;
const NODE_MAX = 128;
const ORIGIN_MAX = 128;
const REASON_MAX = 200;
const STRATEGY_MAX = 50;
const SUBJECT_MAX = 1_024;

/** @throws Fault COMMAND_INVALID, naming the field */
export function checkDispatch(dispatch: Dispatch): void {
  uuid('commandId', dispatch.commandId);
  printable('shard', dispatch.shard, 1, NAME_MAX);
  time('sentAt', dispatch.sentAt);
  if (dispatch.deadline !== undefined) time('deadline', dispatch.deadline);
  if (dispatch.replyTo !== undefined) visible('replyTo', dispatch.replyTo, NODE_MAX);
  checkAttribution(dispatch.by);
  checkCommand(dispatch.command);
}

function checkAttribution({ user, origin, correlationId, reason }: Attribution): void {
  printable('user', user, 1, NAME_MAX);
  printable('origin', origin, 0, ORIGIN_MAX);
  uuid('correlationId', correlationId);
  if (reason !== undefined) printable('reason', reason, 0, REASON_MAX);
}

function checkCommand(command: RemoteCommand): void {
  switch (command.type) {
    case 'PlaceOrder':
      checkOrder(command.order);
      break;
    case 'CancelOrder':
      uuid('orderId', command.orderId);
      if (command.owner !== undefined) printable('owner', command.owner, 1, NAME_MAX);
      break;
    case 'SetLimits':
      for (const [name, limit] of Object.entries(command.limits)) amount(name, limit, 0n);
      break;
    case 'RecordAccess':
      printable('subject', command.subject, 0, SUBJECT_MAX);
      break;
    default: // engaging and releasing say all by their name
  }
}

function checkOrder(order: Order): void {
  uuid('orderId', order.orderId);
  uuid('order.correlationId', order.correlationId);
  printable('order.user', order.user, 1, NAME_MAX);
  printable('account', order.account, 1, NAME_MAX);
  if (!TICKER.test(order.ticker)) throw invalid('ticker', 'is no ticker');
  amount('quantity', order.quantity, 1n);
  if (order.type === 'LIMIT' && order.price === undefined) throw invalid('price', 'is missing');
  if (order.type === 'MARKET' && order.price !== undefined) throw invalid('price', 'is of a market order');
  if (order.price !== undefined) amount('price', order.price, 1n);
  printable('strategy', order.strategy, 0, STRATEGY_MAX);
  if (order.clientOrderId !== undefined) visible('clientOrderId', order.clientOrderId, NAME_MAX);
}

function uuid(field: string, value: string): void {
  if (!UUID.test(value)) throw invalid(field, 'is no UUID in lower case');
}

function time(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(field, 'is no time');
}

function visible(field: string, value: string, lengthMax: number): void {
  if (value.length > lengthMax || !VISIBLE.test(value)) throw invalid(field, 'is no visible ASCII');
}

function printable(field: string, value: string, lengthMin: number, lengthMax: number): void {
  if (value.length < lengthMin || value.length > lengthMax) throw invalid(field, 'is too short or too long');
  if (UNPRINTABLE.test(value)) throw invalid(field, 'holds what cannot be printed');
}

function amount(field: string, value: bigint, least: bigint): void {
  if (value < least || value > VALUE_MAX) throw invalid(field, 'is out of range');
}

/** The fault that `field` is to blame for. */
export const invalid = (field: string, complaint: string): Fault =>
  new Fault('COMMAND_INVALID', `${field} ${complaint}`);
