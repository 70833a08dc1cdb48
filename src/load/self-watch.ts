/** Is the generator itself what is slow? Its event loop's utilisation, its processor time, and how late it wakes up. */
import { Histogram } from './histogram.ts';

export interface SelfFigures {
  /** Part of the time that the event loop was busy, 0 to 1. */
  readonly utilisation: number;
  /** Processor time of this process a second, 1: one core. */
  readonly cores: number;
  /** How much later than asked for it woke up, at the 99th percentile, in milliseconds. */
  readonly lagP99Ms: number;
}

/** Above these, what is measured is the generator's as much as the deployment's. */
const UTILISATION_MAX = 0.8;
const LAG_MS_MAX = 10;

export class SelfWatch {
  readonly #lag = new Histogram();
  #loop = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #at = performance.now();

  /** It woke up `ms` later than it had asked for. */
  late(ms: number): void {
    this.#lag.record(ms);
  }

  /** The figures since the last call. */
  lap(): SelfFigures {
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    const at = performance.now();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    const micros = cpu.user + cpu.system - this.#cpu.user - this.#cpu.system;
    const cores = at > this.#at ? micros / 1000 / (at - this.#at) : 0;
    const lagP99Ms = this.#lag.quantileMs(0.99);
    this.#lag.clear();
    this.#loop = loop;
    this.#cpu = cpu;
    this.#at = at;
    return { utilisation: utilization, cores, lagP99Ms };
  }
}

/**
 * What to tell whoever reads the figures; undefined where the generator kept up. One that spins is always busy: its lag
 * alone says whether it did.
 */
export function bottleneckIn(
  { utilisation, lagP99Ms }: SelfFigures,
  isSpinning: boolean,
): string | undefined {
  if (utilisation > UTILISATION_MAX && !isSpinning) {
    return `the generator's own event loop was busy ${Math.round(100 * utilisation)} % of the time`;
  }
  if (lagP99Ms > LAG_MS_MAX) return `the generator woke up ${lagP99Ms.toFixed(1)} ms late (p99)`;
  return undefined;
}
