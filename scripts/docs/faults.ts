/** The page of every operating error, from the table in the code. */
import { FAULTS } from '../../src/faults/fault.ts';
import { code, GENERATED, table } from './markdown.ts';

const INTRODUCTION = `# Faults

Every operating error there is: expected, named, handled. They come from one table, [fault.ts](../src/faults/fault.ts).
A fault is not a *refusal* (a risk rule's no is a recorded event and an HTTP 200, see [events](events.md)), and not a
broken *invariant* (a bug, which stops the process).

Over HTTP a fault is a problem document (RFC 9457) with the status below and the code in its \`code\` field. *Retry* says
whether the same request, unchanged, may succeed later; those of 429 and 503 carry \`Retry-After\`.`;

export function faultsPage(): string {
  const rows = Object.entries(FAULTS).map(([name, { http, retry, says }]) => [
    code(name),
    String(http),
    retry ? 'yes' : 'no',
    says,
  ]);
  return `${GENERATED}\n${INTRODUCTION}\n\n${table(['code', 'HTTP', 'retry', 'what it says'], rows)}\n`;
}
