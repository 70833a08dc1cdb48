/** The people of the demo, let in as an operator lets people in: by `itirp user add`, then by logging in. */
import { randomBytes } from 'node:crypto';
import { DEMO_USERS } from '../../access/demo-users.ts';
import { Random } from '../../market-data/random.ts';
import { ApiClient } from './api-client.ts';
import type { ServerProcess } from './server-process.ts';
import type { Trader } from './stage.ts';
import { CHARACTERS } from './traders.ts';

/** Passwords by user name: the contract's demo users have theirs, the others get one made up. */
export type Passwords = ReadonlyMap<string, string>;

/** Adds the traders that the server does not bring along. @throws Error when one is refused */
export async function addTraders(server: ServerProcess): Promise<Passwords> {
  const passwords = new Map<string, string>(DEMO_USERS.map(({ username, password }) => [username, password]));
  for (const { name } of CHARACTERS) {
    if (passwords.has(name)) continue;
    const password = randomBytes(18).toString('base64url');
    const added = await server.command(['user', 'add', name, '--role', 'TRADER'], `${password}\n`);
    if (added.code !== 0) throw new Error(`user ${name} was not added: ${added.output.trim()}`);
    passwords.set(name, password);
  }
  return passwords;
}

/** Logs `user` in. */
export async function clientOf(
  server: ServerProcess,
  passwords: Passwords,
  user: string,
): Promise<ApiClient> {
  const client = new ApiClient(server.url, user);
  await client.login(passwords.get(user) ?? '');
  return client;
}

/** The four traders, each with dice of their own, so that no one's choices hang on another's. */
export async function tradersOf(
  server: ServerProcess,
  passwords: Passwords,
  seed: number,
): Promise<readonly Trader[]> {
  const dice = Random.fromSeed(seed);
  const traders: Trader[] = [];
  for (const character of CHARACTERS) {
    const client = await clientOf(server, passwords, character.name);
    traders.push({ client, character, dice: Random.fromSeed(dice.word()), resting: [] });
  }
  return traders;
}
