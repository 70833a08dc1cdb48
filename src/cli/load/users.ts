/** Who trades in a load, and who lifts its limits: from flags, a file, the environment, or the demo's; no password needs to stand on a command line. */
import { readFile } from 'node:fs/promises';
import { DEMO_USERS } from '../../access/demo-users.ts';
import { Fault } from '../../faults/fault.ts';
import type { Credentials } from '../../load/control.ts';
import { readPassword } from '../password-prompt.ts';

export interface UserFlags {
  readonly user?: readonly string[];
  readonly users?: string;
  readonly riskUser?: string;
}

/** Each holds `NAME:PASSWORD` lines; with _FILE the path of a file that does. */
const TRADERS = 'ITIRP_LOAD_USERS';
const RISK_MANAGER = 'ITIRP_LOAD_RISK_USER';

/** @throws Fault ARGUMENT_INVALID */
export async function tradersFrom(flags: UserFlags, environment: NodeJS.ProcessEnv): Promise<Credentials[]> {
  const named: Credentials[] = [];
  for (const text of flags.user ?? []) named.push(await userFrom(text));
  if (flags.users !== undefined) named.push(...(await usersIn(flags.users)));
  if (named.length > 0) return named;
  return (await usersBy(environment, TRADERS)) ?? [demoUser('TRADER')];
}

/** @throws Fault ARGUMENT_INVALID */
export async function riskManagerFrom(
  { riskUser }: UserFlags,
  environment: NodeJS.ProcessEnv,
): Promise<Credentials> {
  if (riskUser !== undefined) return await userFrom(riskUser);
  const [found, another] = (await usersBy(environment, RISK_MANAGER)) ?? [demoUser('RISK_MANAGER')];
  if (found !== undefined && another === undefined) return found;
  throw new Fault('ARGUMENT_INVALID', `${RISK_MANAGER} names more than one; one risk manager is enough`);
}

/** What `ps` and the shell's history show of `flags`, in words. */
export function passwordsShownIn({ user = [], riskUser = '' }: UserFlags): string[] {
  const warnings: string[] = [];
  const says = (flag: string, variable: string): number =>
    warnings.push(`a password in ${flag} is there for anyone who lists processes: use ${variable}_FILE`);
  if (user.some((text) => text.includes(':'))) says('--user', TRADERS);
  if (riskUser.includes(':')) says('--risk-user', RISK_MANAGER);
  return warnings;
}

async function usersBy(environment: NodeJS.ProcessEnv, variable: string): Promise<Credentials[] | undefined> {
  const { [variable]: lines = '', [`${variable}_FILE`]: path = '' } = environment;
  if (path !== '') return await usersIn(path);
  return lines === '' ? undefined : usersOf(lines, variable);
}

/** `NAME:PASSWORD`, or `NAME`, whose password is then asked for. @throws Fault ARGUMENT_INVALID */
export async function userFrom(text: string): Promise<Credentials> {
  if (text.includes(':')) return userOf(text, '--user');
  return { name: text, password: await readPassword(`password for ${text}: `) };
}

export function demoUser(role: 'TRADER' | 'RISK_MANAGER'): Credentials {
  const found = DEMO_USERS.find((user) => user.role === role);
  if (found === undefined) throw new TypeError(`no demo user is a ${role}`);
  return { name: found.username, password: found.password };
}

async function usersIn(path: string): Promise<Credentials[]> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Fault('ARGUMENT_INVALID', error.message, { cause: error });
  });
  return usersOf(text, path);
}

function usersOf(text: string, where: string): Credentials[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new Fault('ARGUMENT_INVALID', `${where} names nobody`);
  return lines.map((line) => userOf(line, where));
}

/** A password may have colons in it, a name may not. What does not read is not shown: it may be a password. */
function userOf(line: string, where: string): Credentials {
  const at = line.indexOf(':');
  if (at < 1 || at === line.length - 1)
    throw new Fault('ARGUMENT_INVALID', `${where} takes NAME:PASSWORD, one a line`);
  return { name: line.slice(0, at).trim(), password: line.slice(at + 1) };
}
