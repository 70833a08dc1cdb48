/** Who trades on the stack: besides the demo users, one trader a shard, each with an account of that shard. */
import { itirp } from './itirp.ts';

export interface Trader {
  readonly username: string;
  readonly account: string;
}

/** Accounts get their shard at first use, by a hash over the shards: these three fall into three. */
export const TRADERS: readonly Trader[] = [
  { username: 'trader-a', account: 'ENERGY' },
  { username: 'trader-b', account: 'METALS' },
  { username: 'trader-c', account: 'RATES' },
];

/** Adds the traders who are not there yet; their password is `password`. */
export async function addTraders(
  settings: Readonly<Record<string, string>>,
  password: string,
): Promise<void> {
  const known = await itirp(['user', 'list'], settings);
  const missing = TRADERS.filter(({ username }) => !new RegExp(`^${username}\\b`, 'm').test(known));
  await Promise.all(
    missing.map(({ username, account }) => {
      const args = ['user', 'add', username, '--role', 'TRADER', '--account', account];
      return itirp(args, settings, `${password}\n`);
    }),
  );
}
