/** What a program and its children have taken of the cores, as /proc tells it. */
import { readFile } from 'node:fs/promises';
import { familyOf } from '../../stack/processes.ts';

/** Linux counts in hundredths of a second, whatever the kernel's own clock is. */
const TICKS_A_SECOND = 100;
/** Of `/proc/PID/stat`, after the name: user and system time, and those of children that have ended. */
const TIMES = { from: 11, to: 15 };

/** Seconds of a core, since it was started; of what ended without its parent having looked, nothing is known. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const family = await familyOf(pid);
  const ticks = await Promise.all(family.map((member) => ticksOf(member.pid)));
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND;
}

async function ticksOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(TIMES.from, TIMES.to).reduce((sum, field) => sum + Number(field), 0);
}
