/** Where the demo speaks: plain lines, in colour only where a terminal shows it, and a pause where one listens. */
import { createInterface } from 'node:readline/promises';

const WIDTH = 100;

export interface Terminal {
  title(text: string, aside: string): void;
  act(number: number, name: string): void;
  say(text: string): void;
  /** A line under the last `say`, for what was seen. */
  see(text: string): void;
  check(isGood: boolean, what: string, figures: string): void;
  row(name: string, text: string): void;
  gap(): void;
}

/** Lines for `stream`; NO_COLOR and pipes are respected. */
export function terminalOn(stream: NodeJS.WriteStream): Terminal {
  const hasColour = stream.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (code: string, text: string): string => (hasColour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const write = (line: string): void => {
    stream.write(`${line}\n`);
  };
  return {
    title: (text, aside) => write(`\n${paint('1', text)}  ${paint('2', aside)}`),
    act: (number, name) => {
      const rule = '─'.repeat(Math.max(0, WIDTH - name.length - 6));
      write(`\n${paint('36;1', `${number}  ${name}`)} ${paint('2', rule)}`);
    },
    say: (text) => write(`   ${text}`),
    see: (text) => write(`   ${paint('2', `└ ${text}`)}`),
    check: (isGood, what, figures) => {
      const mark = isGood ? paint('32;1', '✓') : paint('31;1', '✗');
      write(`   ${mark} ${what.padEnd(74)} ${paint(isGood ? '2' : '31', figures)}`);
    },
    row: (name, text) => write(`   ${paint('1', name.padEnd(12))} ${text}`),
    gap: () => write(''),
  };
}

/** Waits for Enter, or until `signal` says to stop. Where nobody can press it, nothing waits. */
export async function enter(signal: AbortSignal): Promise<void> {
  if (!process.stdin.readable) return;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<void>((resolve) => lines.once('close', resolve));
  try {
    await Promise.race([lines.question('   ⏎ Enter goes on ', { signal }), closed]);
  } finally {
    lines.close();
  }
}
