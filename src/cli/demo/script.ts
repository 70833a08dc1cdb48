/** How the day is cut: which market is played, how fast, and how long the quiet parts last. */
import { basename } from 'node:path';
import { Fault } from '../../faults/fault.ts';
import { recordedMs } from './benchmark.ts';
import type { Environment } from './server-process.ts';

export interface DemoOptions {
  /** A CSV file of quotes; undefined: the seeded generator. */
  readonly quotes: string | undefined;
  /** Recorded seconds a real one; undefined: the file takes about a minute and a half. */
  readonly speed: number | undefined;
  readonly isPausing: boolean;
  readonly seed: number;
  /** Undefined: a directory of its own, removed at the end. */
  readonly dataDir: string | undefined;
}

export interface Script {
  /** For the title: what is played, and how fast. */
  readonly says: string;
  /** How long the market lasts, in real milliseconds. */
  readonly lastsMs: number;
  /** Settings of the server that plays it, from a recorded instant (ms since 1970) on. */
  readonly playFrom: (fromMs: number | undefined) => Environment;
}

/** A file is played whole in about so long, and no demo trades longer. */
const PLAY_MS = 90_000;
const GENERATED_MS = 45_000;
/** The acts between the quiet parts need a market, too: it must last so long at least. */
const PLAY_MIN_MS = 45_000;
/** An audience asks questions: the market must last. */
const PAUSING_SPEED = 60;
/** Recorded nights are shortened to this by the feed. */
const SILENCE_MAX_MS = 15 * 60_000;

/** @throws Fault FEED_INVALID: no such file, or no quotes in it; CONFIG_INVALID: the market would end too soon */
export function scriptOf(options: DemoOptions): Script {
  const { quotes, seed } = options;
  if (quotes === undefined) {
    const settings = { MARKET_SEED: String(seed), MARKET_INTERVAL_MS: '100' };
    return { says: 'a made-up market, twelve instruments', lastsMs: GENERATED_MS, playFrom: () => settings };
  }
  const total = recordedMs(quotes, SILENCE_MAX_MS);
  const usual = options.isPausing ? PAUSING_SPEED : Math.max(1, Math.round(total / PLAY_MS));
  const speed = options.speed ?? usual;
  if (total / speed < PLAY_MIN_MS) {
    const most = Math.floor(total / PLAY_MIN_MS);
    const remedy = most >= 1 ? `--speed ${most} at most` : 'a longer file';
    throw new Fault('CONFIG_INVALID', `the market would be over before the acts are: take ${remedy}`);
  }
  const file = { QUOTES_FILE: quotes, QUOTES_SPEED: String(speed), MARKET_SEED: String(seed) };
  return {
    says: `${basename(quotes)} at ${speed} times its speed`,
    lastsMs: Math.min(total / speed, PLAY_MS),
    playFrom: (fromMs) =>
      fromMs === undefined ? file : { ...file, QUOTES_FROM: new Date(fromMs).toISOString() },
  };
}
