/** `npm run stack:up`, `stack:down`, `stack:status`, and `npm run stack -- COMMAND`: the stack from the command line. */
import { Command } from 'commander';
import { itirpHere } from './itirp.ts';
import { kill, pause, restart, resume, rolling, start, statusOf, stop } from './operations.ts';
import { bringUp, isRole, ROLES } from './part.ts';
import { printStatus, printWelcome } from './screen.ts';
import { stackFolder } from './software.ts';
import { Stack, wipeStack } from './stack.ts';
import { readState, type Shape } from './state.ts';

const say = (message: string): void => console.log(`  ${message}`);

const opened = (shape: Shape = {}): Promise<Stack> => Stack.open({ ...shape, say });

/** The stack that is there. @throws Error when there is none */
async function known(): Promise<Stack> {
  if ((await readState(stackFolder())) === undefined) {
    throw new Error(`there is no stack in ${stackFolder()}; make one with \`npm run stack:up\``);
  }
  return await opened();
}

interface UpFlags {
  readonly brokers?: string;
  readonly set?: readonly string[];
}

async function up({ brokers = process.env.STACK_BROKERS, set }: UpFlags): Promise<void> {
  const began = performance.now();
  console.log(`the stack in ${stackFolder()}`);
  const settings = set === undefined ? undefined : Object.fromEntries(set.map(settingOf));
  const shape = { brokers: brokers === undefined || brokers === '' ? undefined : Number(brokers), settings };
  const stack = await opened(shape);
  await stack.up();
  printWelcome(stack, (performance.now() - began) / 1000);
}

function settingOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new Error(`--set wants NAME=VALUE, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function down({ wipe = false }: { wipe?: boolean }): Promise<void> {
  if ((await readState(stackFolder())) === undefined) {
    if (wipe) await wipeStack(stackFolder());
    return console.log('there is no stack');
  }
  const stack = await opened();
  await stack.down({ wipe });
  console.log(wipe ? 'the stack is down, and its data gone' : 'the stack is down; its data stays');
}

async function status(): Promise<void> {
  const parts = await statusOf(await known());
  printStatus(parts);
  if (parts.some(({ health }) => health !== 'ready')) process.exitCode = 1;
}

const onParts = (name: string, says: string, act: (stack: Stack, name: string) => Promise<void>): Command =>
  new Command(name)
    .description(says)
    .argument('<part>', 'a part (engine-1), or a role for all of it (engine)')
    .action(async (part: string) => {
      const stack = await known();
      await act(stack, part);
      printStatus((await statusOf(stack)).filter((each) => each.name === part || each.role === part));
    });

async function roll(role: string): Promise<void> {
  if (!isRole(role)) throw new Error(`there is no role ${role}; there are ${ROLES.join(', ')}`);
  await rolling(await known(), role, say);
}

async function failover(flags: { kill?: boolean; force?: boolean }): Promise<void> {
  const { postgres } = await known();
  await postgres.failover({ fence: flags.kill === true ? 'kill' : 'stop', force: flags.force ?? false });
  console.log(`${(await postgres.primary()).daemon.name} takes the writes now`);
}

async function alone(): Promise<void> {
  const { postgres } = await known();
  await bringUp(await postgres.primary());
  await postgres.releaseStandby();
  console.log('commits no longer wait for the standby; `start` it to have them wait again');
}

async function tool(words: readonly string[]): Promise<void> {
  process.exitCode = await itirpHere(words, (await known()).toolSettings);
}

const program = new Command('stack')
  .description('ITIRP on many processes, with Kafka, Redis, PostgreSQL and HAProxy, on this machine')
  .enablePositionalOptions() // what follows `itirp` is its own
  .addCommand(
    new Command('up')
      .description('start whatever does not run')
      .option('--brokers <number>', 'brokers of Kafka, 3 or 1 (STACK_BROKERS)')
      .option('--set <setting...>', 'settings for every process of ITIRP, NAME=VALUE')
      .action(up),
  )
  .addCommand(
    new Command('down').description('stop all').option('--wipe', 'take the data away too').action(down),
  )
  .addCommand(new Command('status').description('what runs, where, and how it is').action(status))
  .addCommand(onParts('kill', 'SIGKILL, as if its machine had died', kill))
  .addCommand(onParts('pause', 'SIGSTOP, as if its machine hung', pause))
  .addCommand(onParts('resume', 'SIGCONT', resume))
  .addCommand(onParts('start', 'start it, and wait until it serves', start))
  .addCommand(onParts('stop', 'stop it in good order', stop))
  .addCommand(onParts('restart', 'stop it, start it, and wait until it serves', restart))
  .addCommand(
    new Command('rolling').description('restart a role, one after another').argument('<role>').action(roll),
  )
  .addCommand(
    new Command('failover')
      .description("make PostgreSQL's standby the primary, and the old primary its standby")
      .option('--kill', 'kill the old primary, not stop it')
      .option('--force', 'also to a standby that nobody waited for: what it lacks is lost')
      .action(failover),
  )
  .addCommand(new Command('alone').description('let PostgreSQL confirm without its standby').action(alone))
  .addCommand(
    new Command('itirp')
      .description("one of itirp's own commands, on this stack's services: itirp verify")
      .argument('<words...>')
      .allowUnknownOption()
      .passThroughOptions()
      .action(tool),
  );

try {
  await program.parseAsync();
} catch (error) {
  console.error(`stack: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
