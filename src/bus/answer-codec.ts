/**
 * Answers of one engine to one node, many in one message, and back. Facts are written as the journal writes them, so
 * that nodes of neighbouring versions understand each other as far as they understand each other's journals.
 */
import type { CorrelationId, Micros, Position, UserId } from '../core/values/names.ts';
import { FAULTS, Fault, type FaultCode } from '../faults/fault.ts';
import { decodeEntries, encodeEntries } from '../journal/codec.ts';
import type { Entry } from '../journal/entry.ts';
import { WireMismatch, WireReader } from '../journal/wire-reader.ts';
import { WireWriter } from '../journal/wire-writer.ts';
import type { Answer, Outcome } from './dispatch.ts';

export const ANSWER_VERSION = 1;

const LENGTH_BYTES = 4;
const FIELDS = 5;
const COMMITTED = 1;
const FAULTED = 2;
const writer = new WireWriter();

/** Who asked is known to whoever waits: only times and facts are told. */
const NOBODY = {
  user: '' as UserId,
  origin: '',
  correlationId: '' as CorrelationId,
  reason: undefined,
} as const;

export function encodeAnswers(answers: readonly Answer[]): Buffer {
  const entries: Entry[] = [];
  writer.reset();
  writer.array(2);
  writer.small(ANSWER_VERSION);
  writer.array(answers.length);
  for (const { commandId, shard, outcome } of answers) {
    writer.array(FIELDS);
    writer.id(commandId);
    writer.text(shard);
    writeOutcome(outcome);
    if (outcome.kind === 'committed') {
      const { at, events } = outcome.committed;
      entries.push({ ...NOBODY, at, events });
    }
  }
  const head = writer.toBuffer();
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, encodeEntries(entries)]);
}

function writeOutcome(outcome: Outcome): void {
  if (outcome.kind === 'committed') {
    writer.small(COMMITTED);
    writer.micros(outcome.committed.position); // as whole a number as microseconds
    writer.nothing();
    return;
  }
  writer.small(FAULTED);
  writer.text(outcome.code);
  if (outcome.detail === undefined) writer.nothing();
  else writer.text(outcome.detail.toWellFormed());
}

/** @throws Fault COMMAND_INVALID: no answers, or of a version that this program does not know */
export function decodeAnswers(bytes: Buffer): readonly Answer[] {
  try {
    const end = LENGTH_BYTES + bytes.readUInt32BE(0);
    const reader = new WireReader(bytes.subarray(LENGTH_BYTES, end));
    const entries = decodeEntries(bytes.subarray(end));
    return readAnswers(reader, entries);
  } catch (error) {
    const isForeign = error instanceof WireMismatch || error instanceof RangeError || error instanceof Fault;
    if (!isForeign) throw error;
    throw new Fault('COMMAND_INVALID', `answers: ${error.message}`, { cause: error });
  }
}

function readAnswers(reader: WireReader, entries: readonly Entry[]): readonly Answer[] {
  reader.arrayOf(2);
  const version = reader.small();
  if (version !== ANSWER_VERSION) throw new WireMismatch(`version ${version} is unknown to this program`);
  const count = reader.array();
  const answers: Answer[] = [];
  let committed = 0;
  while (answers.length < count) {
    reader.arrayOf(FIELDS);
    const commandId = reader.id();
    const shard = reader.text();
    const isCommitted = reader.small() === COMMITTED;
    const outcome = isCommitted ? readCommitted(reader, entries[committed++]) : readFault(reader);
    answers.push({ commandId, shard, outcome });
  }
  reader.end();
  return answers;
}

function readCommitted(reader: WireReader, entry: Entry | undefined): Outcome {
  if (entry === undefined) throw new WireMismatch('facts are missing');
  const position = reader.micros() as Position;
  if (!reader.isNothing()) throw new WireMismatch('a commit has no detail');
  return { kind: 'committed', committed: { at: entry.at as Micros, position, events: entry.events } };
}

function readFault(reader: WireReader): Outcome {
  const code = reader.text();
  if (!isCode(code)) throw new WireMismatch(`${code} is unknown to this program`);
  return { kind: 'fault', code, detail: reader.isNothing() ? undefined : reader.text() };
}

const isCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code);
