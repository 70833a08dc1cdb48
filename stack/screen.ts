/** What the stack's commands show: a table of the parts, and where to go from here. */
import { join } from 'node:path';
import type { PartStatus } from './operations.ts';
import type { Stack } from './stack.ts';
import { TRADERS } from './users.ts';

const MEGABYTE = 1e6;
const WIDTHS = [14, 9, 8, 11, 10];

const row = (...cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();

export function printStatus(parts: readonly PartStatus[]): void {
  console.log(row('PART', 'PID', 'PORT', 'HEALTH', 'MEMORY'));
  for (const { name, pid, port, health, memoryBytes, note } of parts) {
    const memory = pid === undefined ? '' : `${(memoryBytes / MEGABYTE).toFixed(0)} MB`;
    console.log(row(name, String(pid ?? '-'), String(port), health, memory, note));
  }
  const all = parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  console.log(row('', '', '', '', `${(all / MEGABYTE).toFixed(0)} MB`));
}

export function printWelcome(stack: Stack, seconds: number): void {
  const { folder, state, haproxy, layout } = stack;
  const traders = TRADERS.map(({ username, account }) => `${username} (${account})`).join(', ');
  console.log(`
The stack is up after ${seconds.toFixed(1)} s.

  API          ${stack.url}        documentation at ${stack.url}/docs
  balancer     ${haproxy.statsUrl}
  PostgreSQL   127.0.0.1:${layout.port('postgres-1')} and :${layout.port('postgres-2')}
  Redis        127.0.0.1:${layout.port('redis')}
  Kafka        ${stack.kafka.addresses.join(', ')}

  users        trader1 / trader123, risk1 / risk123, compliance1 / compliance123, admin / admin123
               ${traders}, password ${state.secrets.traders}
  passwords    ${join(folder, 'state.json')}
  logs         ${join(folder, 'logs')}
  pid files    ${join(folder, 'run')}

  npm run stack:status          npm run stack -- kill engine-1          npm run stack:down
  npm run stack -- itirp verify          the operator's commands, on this stack and not on ./data`);
}
