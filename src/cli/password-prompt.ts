/** Asks for a password: unseen on a terminal, one line from standard input elsewhere. Never an argument: `ps` shows those. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

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
