/** The processes of this machine as /proc tells of them: told apart by pid and birth, with their children and memory. */
import { readdir, readFile } from 'node:fs/promises';

/** Pids come round again; a pid with the moment of its birth does not. */
export interface Life {
  readonly pid: number;
  /** Clock ticks since the machine started. */
  readonly born: number;
}

interface Row extends Life {
  readonly parent: number;
  /** R, S, D, T (stopped), Z (dead, not yet buried) … */
  readonly state: string;
}

/** The process `pid` as it is now; undefined when it is gone or dead. */
export async function lifeOf(pid: number): Promise<Row | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name may hold anything; after it, field 3
  const [state = 'X', parent] = fields;
  if (text === '' || state === 'Z' || state === 'X') return undefined;
  return { pid, state, parent: Number(parent), born: Number(fields[19]) };
}

/** Is that very process still there? */
export async function isAlive({ pid, born }: Life): Promise<boolean> {
  return (await lifeOf(pid))?.born === born;
}

/** A process and all below it, itself first. */
export async function familyOf(pid: number): Promise<readonly Row[]> {
  const pids = (await readdir('/proc')).map(Number).filter((number) => number > 0);
  const rows = (await Promise.all(pids.map(lifeOf))).filter((row) => row !== undefined);
  const family = rows.filter((row) => row.pid === pid);
  for (const member of family) family.push(...rows.filter((row) => row.parent === member.pid)); // grows as it goes
  return family;
}

/** Memory that only this process has, in bytes: shared pages (PostgreSQL's buffers) count a part in each. */
export async function memoryOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const proportional = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (proportional !== undefined) return Number(proportional) * 1024;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Sends a signal; a process that is gone by now is as good as signalled. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
