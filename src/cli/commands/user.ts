/** `itirp user`: who may come in. */
import { Command, Option } from 'commander';
import { Passwords } from '../../access/passwords.ts';
import { ROLES, type Role } from '../../access/permissions.ts';
import { usernameOf } from '../../access/users.ts';
import { type AccountId, HOUSE_ACCOUNT, type UserId } from '../../core/values/names.ts';
import type { Database } from '../../database/database.ts';
import { Fault } from '../../faults/fault.ts';
import { usersIn } from '../../main/tools.ts';
import { operator } from '../operator.ts';
import { readNewPassword } from '../password-prompt.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface AddFlags extends DatabaseFlags {
  readonly role: Role;
  readonly account: string;
}

const ACCOUNT = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

export function userCommand(): Command {
  const dataDir = new Option(
    '--data-dir <folder>',
    'where the embedded PostgreSQL keeps its data (DATA_DIR)',
  );
  const sub = (name: string, says: string): Command => new Command(name).description(says).addOption(dataDir);
  return new Command('user')
    .description('add, list, disable and enable users, and set their passwords')
    .addCommand(
      sub('add', 'add a user; the password is asked for, or read from standard input')
        .argument('<name>')
        .addOption(new Option('--role <role>', 'what the user may do').choices(ROLES).makeOptionMandatory())
        .option('--account <account>', 'where the positions are kept', HOUSE_ACCOUNT)
        .action(addUser),
    )
    .addCommand(sub('list', 'list the users').action(listUsers))
    .addCommand(
      sub('disable', 'disable a user: within seconds, also for tokens already given out')
        .argument('<name>')
        .action(disableUser),
    )
    .addCommand(sub('enable', 'let a disabled user in again').argument('<name>').action(enableUser))
    .addCommand(
      sub('password', 'set a new password; it is asked for, or read from standard input')
        .argument('<name>')
        .action(setPassword),
    );
}

async function addUser(name: string, flags: AddFlags): Promise<void> {
  const username = nameFrom(name);
  if (!ACCOUNT.test(flags.account)) {
    const rule = 'an account is 1 to 32 of A-Z, 0-9, dot, dash, underscore';
    throw new Fault('ARGUMENT_INVALID', `${rule}: ${flags.account}`);
  }
  const passwordHash = await new Passwords().hash(await readNewPassword(username));
  const user = {
    username,
    passwordHash,
    role: flags.role,
    account: flags.account as AccountId,
    isDemo: false,
  };
  const add = (database: Database) => usersIn(database).add(user, operator());
  await withDatabase(flags, add, { mayCreate: true }).catch((error: unknown) => {
    if (!(error instanceof Fault && error.code === 'USER_EXISTS')) throw error;
    const remedy = `\`itirp user password ${username}\` gives it a new password, \`itirp user list\` shows the rest`;
    throw new Fault('USER_EXISTS', `${username}; ${remedy}`, { cause: error });
  });
  console.log(`added ${username} as ${flags.role}, trading for ${flags.account}`);
}

async function listUsers(flags: DatabaseFlags): Promise<void> {
  const users = await withDatabase(flags, (database) => usersIn(database).list());
  if (users.length === 0) return console.log('no users yet: itirp user add NAME --role TRADER');
  printRow('NAME', 'ROLE', 'ACCOUNT', 'NOTES');
  for (const { username, role, account, isDemo, isDisabled } of users) {
    const notes = [isDemo ? 'demo' : '', isDisabled ? 'disabled' : ''].filter((note) => note !== '');
    printRow(username, role, account, notes.join(', '));
  }
}

const printRow = (name: string, role: string, account: string, notes: string): void =>
  console.log(`${name.padEnd(24)} ${role.padEnd(14)} ${account.padEnd(16)} ${notes}`.trimEnd());

async function disableUser(name: string, flags: DatabaseFlags): Promise<void> {
  const username = nameFrom(name);
  await withDatabase(flags, (database) => usersIn(database).disable(username, operator()));
  console.log(`disabled ${username}`);
}

async function enableUser(name: string, flags: DatabaseFlags): Promise<void> {
  const username = nameFrom(name);
  await withDatabase(flags, (database) => usersIn(database).enable(username, operator()));
  console.log(`enabled ${username}`);
}

async function setPassword(name: string, flags: DatabaseFlags): Promise<void> {
  const username = nameFrom(name);
  const passwordHash = await new Passwords().hash(await readNewPassword(username));
  await withDatabase(flags, (database) => usersIn(database).setPassword(username, passwordHash, operator()));
  console.log(`set a new password for ${username}`);
}

function nameFrom(text: string): UserId {
  const username = usernameOf(text);
  if (username !== undefined) return username;
  throw new Fault('ARGUMENT_INVALID', `a name is 1 to 64 of a-z, 0-9, dot, dash, underscore, @: ${text}`);
}
