/** An intake with a decider that does as it is told, and what it answers. */
import { setImmediate as round } from 'node:timers/promises';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Command } from '../core/commands.ts';
import { price } from '../core/values/fixed-point.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault, type FaultCode } from '../faults/fault.ts';
import type { Committed, SourceMark } from '../journal/entry.ts';
import { decodeAnswers } from './answer-codec.ts';
import { answersChannel } from './answer-outbox.ts';
import type { Answer, Dispatch, Received } from './dispatch.ts';
import { Intake, type IntakeOptions } from './intake.ts';

export const NOW = 2_000_000 as Micros;

/** A decider that commits when it is told to, and may fail. */
class Scripted {
  readonly seen: { readonly command: Command; readonly mark: SourceMark | undefined }[] = [];
  failWith: FaultCode | undefined;
  /** Commands of this type find no room. */
  fullFor: Command['type'] | undefined;
  gate: Promise<void> = Promise.resolve();

  hasRoomFor({ type }: Command): boolean {
    return type !== this.fullFor;
  }

  async submit(command: Command, _by: unknown, mark?: SourceMark): Promise<Committed> {
    if (this.failWith !== undefined) throw new Fault(this.failWith);
    this.seen.push({ command, mark });
    const position = this.seen.length as Position;
    await this.gate;
    return { at: NOW, position, events: [{ type: 'KillSwitchEngaged' }] };
  }
}

export function stage(options: Partial<IntakeOptions> = {}) {
  const decider = new Scripted();
  const channels = new MemoryChannels();
  const answers: Answer[] = [];
  const messages: number[] = [];
  channels.subscribe(answersChannel('api-1'), (bytes) => {
    messages.push(bytes.length);
    answers.push(...decodeAnswers(bytes));
  });
  const dropped: string[] = [];
  const intake = new Intake({
    shard: 's1',
    decider,
    channels,
    now: () => NOW,
    sample: () => ({ mark: price('150'), isFresh: true }),
    known: [],
    onDropped: (why) => dropped.push(why),
    ...options,
  });
  return { decider, channels, answers, messages, dropped, intake };
}

export const received = (...dispatches: readonly (Dispatch | undefined)[]): readonly Received[] =>
  dispatches.map((dispatch, index) => ({
    mark: { source: 'C/t/0', offset: BigInt(index + 1) },
    dispatch,
    wrong: dispatch === undefined ? 'it is empty' : undefined,
  }));

export async function told(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await round();
}
