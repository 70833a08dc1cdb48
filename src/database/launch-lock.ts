/** Lets one process at a time make or start the embedded server. Held for seconds; survives no crash of its holder. */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../faults/fault.ts';
import { codeOf } from './outage.ts';

/** Nobody starts a server for longer than this, in milliseconds, not even through crash recovery. */
const AGE_MAX_MS = 10 * 60_000;

/** When this process began. In a container the programs have the same pid in every life: this tells them apart. */
const BORN = String(Math.trunc(performance.timeOrigin));

/**
 * Runs `work` while holding the file `path`; waits up to `patienceMs` for another holder to finish.
 * @throws Fault DATABASE_LAUNCH: another process holds it for too long
 */
export async function withLaunchLock<T>(
  path: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  while (!(await take(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else if (performance.now() > deadline) {
      throw new Fault(
        'DATABASE_LAUNCH',
        `another process has been starting it for long; if not, remove ${path}`,
      );
    } else await sleep(25);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${process.pid} ${BORN}`);
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const age = Date.now() - mtimeMs;
    if (text === '') return age > 1_000; // between its making and its first word
    const [pid, born] = text.split(' ');
    if (Number(pid) === process.pid && born !== BORN) return true;
    process.kill(Number(pid), 0);
    return age > AGE_MAX_MS;
  } catch (error) {
    return codeOf(error) === 'ESRCH'; // no such process; ENOENT: released meanwhile; EPERM: alive
  }
}
