/** The page of everything that can happen, from the union of events and the rows that each becomes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_NAMES } from '../../src/projections/expansion.ts';
import { entriesOf, type Shape, shapesOf, treeOf, unionOf, wordsIn } from './declarations.ts';
import { code, GENERATED, table } from './markdown.ts';

const INTRODUCTION = `# Events

Everything that can happen, from the union in [events.ts](../src/core/events.ts). An event says *what*; the journal entry
around it says when (\`at\`, UTC microseconds), who (\`user\`), from where (\`origin\`), why (\`reason\`) and in which
conversation (\`correlationId\`), see [entry.ts](../src/journal/entry.ts). Prices, quantities and amounts are exact
decimals with up to eight places.

The journal keeps these facts and nothing else. The SQL table \`events\`, and with it \`/api/v1/audit/…\`, spells each one
out as the rows of the v1 contract ([expansion.ts](../src/projections/expansion.ts)), named in the last column.`;

export interface EventEntry extends Shape {
  /** The `event_type` of the rows that it may become; none stays in the journal. */
  readonly rows: readonly string[];
}

/** Every event in the order of the union. @throws Error when one has no declaration or no line of rows */
export function eventEntries(root: string): readonly EventEntry[] {
  const read = (path: string) => treeOf(path, readFileSync(join(root, path), 'utf8'));
  const events = read('src/core/events.ts');
  const expansion = read('src/projections/expansion.ts');
  const shapes = shapesOf(events);
  const lines = entriesOf(expansion, 'EXPANSION');
  const isRow = (word: string): boolean => (EVENT_NAMES as readonly string[]).includes(word);

  return unionOf(events, 'Event').map((name) => {
    const shape = shapes.get(name);
    const line = lines.get(name);
    if (shape === undefined || line === undefined) throw new Error(`${name} is not wholly declared`);
    const found = wordsIn(expansion, line, isRow);
    return { ...shape, rows: EVENT_NAMES.filter((row) => found.includes(row)) };
  });
}

export function eventsPage(root: string): string {
  const entries = eventEntries(root);
  const overview = table(
    ['event', 'what happened', 'rows in `events`'],
    entries.map(({ name, says, rows }) => [
      `[${name}](#${name.toLowerCase()})`,
      says,
      rows.length === 0 ? 'none: it stays in the journal' : rows.map(code).join(', '),
    ]),
  );
  return `${GENERATED}\n${INTRODUCTION}\n\n${overview}\n\n${entries.map(chapter).join('\n')}`;
}

function chapter({ name, says, fields }: EventEntry): string {
  const own = fields.filter((field) => field.name !== 'type');
  const heading = `## ${name}\n\n${says}\n`;
  if (own.length === 0) return `${heading}\nIt has no fields of its own.\n`;
  const rows = own.map((field) => [code(field.name), code(field.type), field.says]);
  return `${heading}\n${table(['field', 'type', 'meaning'], rows)}\n`;
}
