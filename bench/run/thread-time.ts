/** What a process's first thread has taken of a core: an order's own time, however busy the machine is. */

/** Microseconds since it began, the kernel's included. */
export function threadMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
