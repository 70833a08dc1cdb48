/** How a command ends: one clear line when something is wrong, a non-zero exit code, and Ctrl-C always clean. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../faults/fault.ts';
import { secretsIn, withoutSecrets } from '../main/known-secrets.ts';
import { judgeConfig } from '../main/load-config.ts';

/** Exit code of a command that did its work and found something wrong. */
export const EXIT_WRONG = 1;
/** What a shell expects of a program that Ctrl-C ended: 128 plus the signal's number. */
const EXIT_INTERRUPTED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Says what went wrong, for people: an operating fault in one line, a bug with its stack. Ends the process. */
export function endWith(error: unknown): never {
  const says = error instanceof Fault ? `${error.message} [${error.code}]` : stackOf(error);
  process.stderr.write(`itirp: ${withoutOurSecrets(says)}\n`);
  process.exit(EXIT_WRONG);
}

/** `text` without any secret that the settings hold, whatever they are worth: it may be they that are wrong. */
export const withoutOurSecrets = (text: string): string =>
  withoutSecrets(text, secretsIn(judgeConfig(process.env, true).config));

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/**
 * A launcher that was killed can pass no signal on: this process then stops as after a SIGTERM. Without a launcher
 * nothing happens. The channel to it keeps no command from ending.
 */
export function endWithLauncher(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

/** How long each may take, in milliseconds: a connection whose statement waits for a lock closes for nobody. */
const UNDO_MS_MAX = 8_000;
/** What an interrupted command still has to undo, the newest last. */
const undoings: (() => Promise<void>)[] = [];
let stopListening = (): void => {};

/**
 * Runs `undo` when the command is interrupted: what was begun last is undone first, then the process ends. What does
 * not come off, or not in time, is passed over, since the end must come. Returns how to take it back.
 */
export function undoOnInterrupt(undo: () => Promise<void>): () => void {
  if (undoings.length === 0) stopListening = onInterrupt((code) => void undoAll(code));
  undoings.push(undo);
  return () => {
    const at = undoings.indexOf(undo);
    if (at >= 0) undoings.splice(at, 1);
    if (undoings.length === 0) stopListening();
  };
}

async function undoAll(exitCode: number): Promise<never> {
  for (const undo of undoings.toReversed()) {
    await Promise.race([undo().catch(() => {}), sleep(UNDO_MS_MAX)]);
  }
  process.exit(exitCode);
}

/** A launcher passes on what a whole group was sent: the same signal twice within so many milliseconds was sent once. */
const ECHO_MS = 1_000;

/** A terminal's Ctrl-C the launcher leaves to the terminal: two of those are two. */
const mayEcho = (signal: string): boolean =>
  process.channel !== undefined && !(signal === 'SIGINT' && process.stdin.isTTY === true);

/**
 * Calls `onSignal` at the first Ctrl-C (or SIGTERM, SIGHUP) with the exit code to end with; the second one ends the
 * process at once. Where `holdsOn` has something to say against that it says so and is true: then the third one does.
 * Returns how to stop listening.
 */
export function onInterrupt(
  onSignal: (exitCode: number) => void,
  holdsOn: () => boolean = () => false,
): () => void {
  let count = 0;
  let last: { readonly signal: string; readonly at: number } | undefined;
  const signals = Object.entries(EXIT_INTERRUPTED) as [keyof typeof EXIT_INTERRUPTED, number][];
  const handlers = signals.map(([signal, code]) => {
    const handle = (): void => {
      const at = performance.now();
      const isEcho = last?.signal === signal && at - last.at < ECHO_MS && mayEcho(signal);
      last = isEcho ? undefined : { signal, at };
      if (isEcho) return;
      count += 1;
      if (count === 1) onSignal(code);
      else if (count > 2 || !holdsOn()) process.exit(code);
    };
    process.on(signal, handle);
    return [signal, handle] as const;
  });
  return () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
}
