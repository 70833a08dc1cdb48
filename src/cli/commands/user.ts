/** `itirp user`: who may come in. */
import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import { Passwords } from '../../access/passwords.ts';
import { ROLES, type Role } from '../../access/permissions.ts';
import { usernameOf } from '../../access/users.ts';
import { type AccountId, HOUSE_ACCOUNT, type UserId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import { usersIn } from '../../main/tools.ts';
import { readPassword } from '../password-prompt.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface AddFlags extends DatabaseFlags {
  readonly role: Role;
  readonly account: string;
}

const PASSWORD_LENGTH_MIN = 12;
const ACCOUNT = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

/** Who changes a user, for the record: the operating system's name of whoever runs the command. */
const operator = (): UserId => `cli:${userInfo().username}` as UserId;

export function userCommand(): Command {
  const dataDir = new Option(
    '--data-dir <folder>',
    'where the embedded PostgreSQL keeps its data (DATA_DIR)',
  );
  const add = new Command('add')
    .description('add a user; the password is asked for, or read from standard input')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what the user may do').choices(ROLES).makeOptionMandatory())
    .option('--account <account>', 'where the positions are kept', HOUSE_ACCOUNT)
    .addOption(dataDir)
    .action(addUser);
  const list = new Command('list').description('list the users').addOption(dataDir).action(listUsers);
  const disable = new Command('disable')
    .description('disable a user: within seconds, also for tokens already given out')
    .argument('<name>')
    .addOption(dataDir)
    .action(disableUser);
  return new Command('user')
    .description('add, list and disable users')
    .addCommand(add)
    .addCommand(list)
    .addCommand(disable);
}

async function addUser(name: string, flags: AddFlags): Promise<void> {
  const username = nameFrom(name);
  if (!ACCOUNT.test(flags.account)) {
    throw new Fault('CONFIG_INVALID', `an account is 1 to 32 of A-Z, 0-9, dot, dash: ${flags.account}`);
  }
  const password = await readPassword(`password for ${username}: `);
  if (password.length < PASSWORD_LENGTH_MIN) {
    throw new Fault('CONFIG_INVALID', `a password has at least ${PASSWORD_LENGTH_MIN} characters`);
  }
  const passwordHash = await new Passwords().hash(password);
  const user = {
    username,
    passwordHash,
    role: flags.role,
    account: flags.account as AccountId,
    isDemo: false,
  };
  await withDatabase(flags, (database) => usersIn(database).add(user, operator()));
  console.log(`added ${username} as ${flags.role}, trading for ${flags.account}`);
}

async function listUsers(flags: DatabaseFlags): Promise<void> {
  const users = await withDatabase(flags, (database) => usersIn(database).list());
  for (const { username, role, account, isDemo, isDisabled } of users) {
    const notes = [isDemo ? 'demo' : '', isDisabled ? 'disabled' : '']
      .filter((note) => note !== '')
      .join(', ');
    console.log(`${username.padEnd(24)} ${role.padEnd(14)} ${account.padEnd(16)} ${notes}`.trimEnd());
  }
  if (users.length === 0) console.log('no users yet: itirp user add NAME --role TRADER');
}

async function disableUser(name: string, flags: DatabaseFlags): Promise<void> {
  const username = nameFrom(name);
  await withDatabase(flags, (database) => usersIn(database).disable(username, operator()));
  console.log(`disabled ${username}`);
}

function nameFrom(text: string): UserId {
  const username = usernameOf(text);
  if (username !== undefined) return username;
  throw new Fault('CONFIG_INVALID', `a name is 1 to 64 of a-z, 0-9, dot, dash, underscore, @: ${text}`);
}
