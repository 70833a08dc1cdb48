/** Asks for a password: unseen on a terminal, one line from standard input elsewhere. Never an argument: `ps` shows those. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Fault } from '../faults/fault.ts';

const LENGTH_MIN = 12;

/** Resolves with the line, without its end. */
export async function readPassword(question: string): Promise<string> {
  const isTerminal = process.stdin.isTTY === true;
  if (isTerminal) process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: isTerminal });
  lines.once('SIGINT', () => {
    lines.close(); // the terminal as it was
    process.stderr.write('\n');
    process.kill(process.pid, 'SIGINT');
  });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    if (isTerminal) process.stderr.write('\n');
  }
}

/**
 * A new password for `username`. A terminal shows nothing of it, so it is asked for twice there.
 * @throws Fault ARGUMENT_INVALID: too short, or not the same both times
 */
export async function readNewPassword(
  username: string,
  read = readPassword,
  isTerminal = process.stdin.isTTY === true,
): Promise<string> {
  const password = await read(`password for ${username}: `);
  if (password.length < LENGTH_MIN) {
    throw new Fault('ARGUMENT_INVALID', `a password has at least ${LENGTH_MIN} characters`);
  }
  if (isTerminal && (await read('the same again: ')) !== password) {
    throw new Fault('ARGUMENT_INVALID', 'the two passwords differ; nothing was changed');
  }
  return password;
}
