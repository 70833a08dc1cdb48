/** The whole platform in one process, or one of the many that it is made of: started in order, stopped in reverse. */
import { SystemClock } from '../sequencer/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { Readiness } from '../telemetry/readiness.ts';
import type { Config } from './config.ts';
import { buildHouse } from './house.ts';
import { buildNode } from './node.ts';
import { showNode } from './node-gauges.ts';
import { isOneOfMany, shownRoles } from './roles.ts';
import { type Site, stopAll } from './site.ts';
import { certificateFor } from './tls.ts';
import { tracesFor } from './tracing.ts';

export interface PlatformOptions {
  readonly config: Config;
  readonly log: Log;
  /** A bug, or another writer: the process must end. Called at most once. */
  readonly onFatal: (error: unknown) => void;
}

export class Platform {
  /** Where the HTTP door is, as `https://127.0.0.1:8000`: the whole of it, or the probes of a node without an API. */
  readonly url: string;
  readonly #undo: Site['undo'];

  private constructor(url: string, undo: Site['undo']) {
    this.url = url;
    this.#undo = undo;
  }

  /**
   * Resolves when orders are taken. What was started is stopped again when a later part does not start.
   * @throws Fault naming what is wrong and the remedy
   */
  static async start({ config, log, onFatal }: PlatformOptions): Promise<Platform> {
    const bare: Site = {
      config,
      log,
      clock: new SystemClock(),
      metrics: openMetrics(shownRoles(config)),
      readiness: new Readiness(),
      undo: [],
      onFatal: once(onFatal),
    };
    showNode(bare.metrics, bare.readiness);
    try {
      const secured = { ...bare, certificate: await certificateFor(bare) }; // first: it is the soonest looked at
      const site = { ...secured, traces: await tracesFor(secured) };
      const url = await (isOneOfMany(config) ? buildNode(site) : buildHouse(site));
      return new Platform(url, site.undo);
    } catch (error) {
      await stopAll(bare.undo);
      throw error;
    }
  }

  /** Answers what is under way, commits what waits, keeps a snapshot, lets go of the database. */
  async stop(): Promise<void> {
    await stopAll(this.#undo);
  }
}

function once(tell: (error: unknown) => void): (error: unknown) => void {
  let isTold = false;
  return (error) => {
    if (isTold) return;
    isTold = true;
    tell(error);
  };
}
