/** When trading opens: after the venues are in line with the journal, whatever comes between, and never before. */
import { expect, test } from 'vitest';
import type { Command } from '../core/commands.ts';
import type { OrderId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Engine, EngineStatus } from '../sequencer/engine.ts';
import { openLog } from '../telemetry/log.ts';
import type { Settlement } from '../venues/lane.ts';
import { LinkClosed } from '../venues/link.ts';
import { Opening } from './opening.ts';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** An engine that takes down what it is asked, and a router whose one working order is settled by hand. */
class Stage {
  readonly asked: Command['type'][] = [];
  readonly broken: unknown[] = [];
  readonly settling: PromiseWithResolvers<Settlement>[] = [];
  /** So many of the next commands are turned away. */
  busyFor = 0;
  readonly opening: Opening;
  #tell: (status: EngineStatus) => void = () => {};

  constructor() {
    const submit = async ({ type }: Command): Promise<unknown> => {
      if (this.busyFor-- > 0) throw new Fault('SEQUENCER_BUSY');
      return this.asked.push(type);
    };
    const onStatus = (tell: (status: EngineStatus) => void): (() => void) => {
      this.#tell = tell;
      return () => {};
    };
    const settle = (): Promise<Settlement> => {
      const settling = Promise.withResolvers<Settlement>();
      this.settling.push(settling);
      return settling.promise;
    };
    const engine = { submit, onStatus } as unknown as Engine;
    const router = { workingIds: async () => ['O1' as OrderId], settle } as never;
    this.opening = new Opening(engine, router, openLog('silent'), (error) => this.broken.push(error));
  }

  fallAndRecover(): void {
    this.#tell('recovering');
    this.#tell('running');
  }
}

test('trading opens once every working order is settled', async () => {
  const stage = new Stage();
  const started = stage.opening.start();
  await turn();
  expect(stage.asked).toEqual(['CloseTrading']);
  stage.settling[0]?.resolve('known');
  await started;
  expect(stage.asked).toEqual(['CloseTrading', 'OpenTrading']);
});

test('a reconciliation that outlived a recovery leaves the opening to the one that followed', async () => {
  const stage = new Stage();
  const started = stage.opening.start();
  await turn();
  stage.fallAndRecover();
  await turn();
  stage.settling[0]?.resolve('known'); // the first, late
  await started;
  expect(stage.asked).toEqual(['CloseTrading', 'CloseTrading']);
  stage.settling[1]?.resolve('known');
  await turn();
  expect(stage.asked).toEqual(['CloseTrading', 'CloseTrading', 'OpenTrading']);
});

test('a sequencer that is busy just then opens a moment later', async () => {
  const stage = new Stage();
  const started = stage.opening.start();
  await turn();
  stage.busyFor = 2;
  stage.settling[0]?.resolve('known');
  await started;
  expect(stage.asked).toEqual(['CloseTrading', 'OpenTrading']);
});

test('a stop in the middle of a reconciliation is no bug', async () => {
  const stage = new Stage();
  const started = stage.opening.start();
  await turn();
  stage.settling[0]?.resolve('known');
  await started;
  stage.fallAndRecover();
  await turn();
  stage.opening.stop();
  stage.settling[1]?.reject(new LinkClosed());
  await turn();
  expect(stage.broken).toEqual([]);
});
