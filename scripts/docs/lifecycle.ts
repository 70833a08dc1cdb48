/** The order's life as a table and a picture, from the one table in the code. */
import { isFinished, LIFECYCLE, type OrderStatus } from '../../src/core/orders/lifecycle.ts';
import { SPELLINGS } from '../../src/protocol/statuses.ts';
import { code, table } from './markdown.ts';

/** FIX 4.4 OrdStatus(39) by value. */
const FIX_NAMES: Readonly<Record<string, string>> = {
  '0': 'New',
  '1': 'Partially filled',
  '2': 'Filled',
  '4': 'Canceled',
  '6': 'Pending Cancel',
  '8': 'Rejected',
  A: 'Pending New',
  C: 'Expired',
};

const STATUSES = Object.keys(LIFECYCLE) as OrderStatus[];

export function lifecycleTable(): string {
  const rows = STATUSES.map((status) => {
    const { word, fix } = SPELLINGS[status];
    const steps = Object.entries(LIFECYCLE[status]).map(([step, next]) => `${step} → ${next}`);
    return [
      isFinished(status) ? `**${status}**` : status,
      code(word),
      `${code(fix)} ${FIX_NAMES[fix] ?? ''}`.trim(),
      steps.join('<br>') || 'nothing: the order is finished',
    ];
  });
  return table(['status', 'v1 `status`', 'FIX OrdStatus(39)', 'what can happen, and where it leads'], rows);
}

/** The same as a diagram that GitHub draws. Steps that change nothing are left out. */
export function lifecycleDiagram(): string {
  const arrows = new Map<string, string[]>();
  for (const status of STATUSES) {
    for (const [step, next] of Object.entries(LIFECYCLE[status])) {
      if (next === status) continue;
      const arrow = `${status} --> ${next}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), step]);
    }
  }
  const lines = [...arrows].map(([arrow, steps]) => `  ${arrow}: ${steps.join(', ')}`);
  const ends = STATUSES.filter(isFinished).map((status) => `  ${status} --> [*]`);
  const starts = ['  [*] --> PendingNew: every rule passed', '  [*] --> Denied: a rule said no'];
  return ['```mermaid', 'stateDiagram-v2', ...starts, ...lines, ...ends, '```'].join('\n');
}
