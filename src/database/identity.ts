/** Who PostgreSQL's programs run as. They refuse root, so a root that starts us hands them to somebody else. */
import { execFile } from 'node:child_process';
import { chown, lchown, readdir, readFile, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../faults/fault.ts';

interface Person {
  readonly uid: number;
  readonly gid: number;
}

/** A command line as `child_process` takes it. */
export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { cwd: string; uid?: number; gid?: number };
}

export interface Identity {
  /** For the log: `uid 101, with leave to pass closed folders`. */
  readonly says: string;
  /** Who must own the data; undefined: whoever made it. */
  readonly owner: Person | undefined;
  invoke(program: string, args: readonly string[]): Invocation;
}

const ROOT: Person = { uid: 0, gid: 0 };
/** Any folder that everybody may stand in. */
const CWD = parse(process.cwd()).root;

/** Ourselves: right for everybody but root. */
export const SELF: Identity = {
  says: 'the current user',
  owner: undefined,
  invoke: (program, args) => ({ file: program, args, options: { cwd: CWD } }),
};

/** Plain and simple; fails where a folder above the programs or the data is closed to others. */
const dropped = (who: Person): Identity => ({
  says: `uid ${who.uid}`,
  owner: who,
  invoke: (program, args) => ({ file: program, args, options: { cwd: CWD, uid: who.uid, gid: who.gid } }),
});

/** The same, with the one capability that passes closed folders; the secure bit makes access(2) honour it. */
const droppedWithPassage = (who: Person): Identity => ({
  says: `uid ${who.uid}, with leave to pass closed folders`,
  owner: who,
  invoke: (program, args) => ({
    file: 'setpriv',
    args: [
      `--reuid=${who.uid}`,
      `--regid=${who.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--securebits=+no_setuid_fixup',
      program,
      ...args,
    ],
    options: { cwd: CWD },
  }),
});

/** Root without any capability, that sees itself as somebody else: where capabilities are not ours to give. */
const mapped = (who: Person): Identity => ({
  says: `root, mapped to uid ${who.uid} in a user namespace`,
  owner: ROOT,
  invoke: (program, args) => ({
    file: 'unshare',
    args: ['--user', `--map-user=${who.uid}`, `--map-group=${who.gid}`, program, ...args],
    options: { cwd: CWD },
  }),
});

/**
 * The first way that works to run `program` on `folder` without being root, and `folder` given to whom it needs.
 * @throws Fault DATABASE_LAUNCH: none works
 */
export async function chooseIdentity(program: string, folder: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return SELF;
  for (const who of await candidates(folder)) {
    for (const identity of [dropped(who), droppedWithPassage(who), mapped(who)]) {
      const owner = identity.owner ?? ROOT;
      await chown(folder, owner.uid, owner.gid);
      if (!(await works(identity, program, folder))) continue;
      await giveTo(owner, folder);
      return identity;
    }
  }
  throw new Fault(
    'DATABASE_LAUNCH',
    `PostgreSQL refuses to run as root, and nobody else can reach both ${program} and ${folder}: run as a normal ` +
      'user, or open the folders above them (chmod o+x), or set POSTGRES_URL',
  );
}

/** Whose the data is already, then who called sudo, then users who have nothing. */
async function candidates(folder: string): Promise<Person[]> {
  const found: (Person | undefined)[] = [];
  for (const path of [folder, join(folder, '..')]) found.push(await stat(path));
  const uid = Number(process.env.SUDO_UID ?? 0);
  if (Number.isSafeInteger(uid)) found.push({ uid, gid: Number(process.env.SUDO_GID ?? uid) });
  found.push(await userNamed('postgres'), await userNamed('nobody'));
  return found.filter((person) => person !== undefined && person.uid > 0) as Person[];
}

async function userNamed(name: string): Promise<Person | undefined> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = users
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  if (fields === undefined) return undefined;
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/**
 * Asks rather than reckons: folder modes, access lists and container rules all have their say. `id` asks for a name,
 * without which initdb does not work.
 */
async function works(identity: Identity, program: string, folder: string): Promise<boolean> {
  const question = 'id -un && "$1" --version && test -x "$1" && test -r "$1" && test -w "$2"';
  const { file, args, options } = identity.invoke('/bin/sh', ['-c', question, 'sh', program, folder]);
  return await promisify(execFile)(file, [...args], options).then(
    () => true,
    () => false,
  );
}

/** Gives a folder and all in it to `owner`. Links are not followed. */
async function giveTo(owner: Person, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
}
