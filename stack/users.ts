/** Who trades on the stack: besides the demo users, one trader a shard, each with an account of that shard. */
import { itirp } from './itirp.ts';

export interface Trader {
  readonly username: string;
  readonly account: string;
}

/** Accounts get their shard at first use, by a hash over the shards; these three happen to fall into three. */
export const TRADERS: readonly Trader[] = [
  { username: 'trader-a', account: 'DESK-1' },
  { username: 'trader-b', account: 'DESK-2' },
  { username: 'trader-c', account: 'DESK-3' },
];

/** Adds the traders who are not there yet; their password is `password`. */
export async function addTraders(
  settings: Readonly<Record<string, string>>,
  password: string,
): Promise<void> {
  const known = await itirp(['user', 'list'], settings);
  for (const { username, account } of TRADERS) {
    if (new RegExp(`^${username}\\b`, 'm').test(known)) continue;
    await itirp(
      ['user', 'add', username, '--role', 'TRADER', '--account', account],
      settings,
      `${password}\n`,
    );
  }
}
