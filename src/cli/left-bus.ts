/** What an operator is told of the bus that was left. */
import type { LeftBus } from '../database/new-bus.ts';

export function leftInWords({ bus, marks, number, wasLeft }: LeftBus): string {
  const taken = Object.values(marks).map(
    ({ source, offset }) => `  ${source}: taken in up to offset ${offset}`,
  );
  return [
    wasLeft
      ? `the bus on ${bus} was left already, and nobody has started since`
      : `the bus on ${bus} is left`,
    ...taken,
    `the next node records its cluster as bus ${number}, reads it from the beginning, and tells all news again`,
    'a cluster that holds commands already is refused: its topic itirp.commands has to be empty, or not there',
  ].join('\n');
}
