/**
 * Turns a field table into the two functions that write and read it. They are made as program text, once, at start:
 * walking the table for each event takes half as long again, and builds objects of larger and other shapes than the
 * core's own. The text comes from the table alone, never from outside.
 */
import { compileFunction } from 'node:vm';
import type { AnyField, AnyFields, AnyPlain, EventRow } from './event-fields.ts';
import { WireMismatch, type WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** Writes an event as an array of its tag and its fields. `E`: what the table describes. */
export type WriteEvent<E> = (writer: WireWriter, event: E) => void;
export type ReadEvent<E> = (reader: WireReader) => E;

type Table = Readonly<Record<string, EventRow<AnyFields>>>;

export function compileWriter<E>(table: Table): WriteEvent<E> {
  const cases = Object.entries(table).map(([type, { tag, fields }]) => {
    const writes = Object.entries(fields).map(([name, field]) => writing(field, `e.${name}`));
    const head = `w.array(${writes.length + 1}); w.small(${tag});`;
    return `case ${JSON.stringify(type)}: { ${head} ${writes.join(' ')} return; }`;
  });
  const text = `switch (e.type) { ${cases.join('\n')} default: throw new TypeError('no event: ' + e.type); }`;
  return compileFunction(text, ['w', 'e']) as WriteEvent<E>;
}

/** The function throws WireMismatch for whatever the writer does not write. */
export function compileReader<E>(table: Table): ReadEvent<E> {
  const cases = Object.entries(table).map(([type, { tag, fields }]) => {
    const length = Object.keys(fields).length + 1;
    const reads = Object.entries(fields).map(([name, field]) => `${name}: ${reading(field)}`);
    const object = [`type: ${JSON.stringify(type)}`, ...reads].join(', ');
    return `case ${tag}: if (length !== ${length}) fail('${type} has other fields'); return { ${object} };`;
  });
  const text = `${HELPERS} return function (r) {
    const length = r.array();
    const tag = r.small();
    switch (tag) { ${cases.join('\n')} default: return fail('no event has the tag ' + tag); }
  };`;
  return (compileFunction(text, ['fail']) as (stop: typeof fail) => ReadEvent<E>)(fail);
}

const HELPERS = `
  const word = (words, number) => { const found = words[number]; return found === undefined ? fail('no word has the number ' + number) : found; };
  const list = (r, read) => { const items = new Array(r.array()); for (let i = 0; i < items.length; i += 1) items[i] = read(r); return items; };`;

function fail(message: string): never {
  throw new WireMismatch(message);
}

function writing(field: AnyField, value: string): string {
  if (typeof field === 'string') return `w.${field}(${value});`;
  if ('optional' in field) {
    return `if (${value} === undefined) w.nothing(); else { ${writing(field.optional, value)} }`;
  }
  if ('oneOf' in field) return `w.small(${JSON.stringify(field.oneOf)}[${value}]);`;
  if ('list' in field) {
    return `w.array(${value}.length); for (const item of ${value}) { ${writing(field.list, 'item')} }`;
  }
  const writes = Object.entries(field.fields).map(([name, inner]) => writing(inner, `${value}.${name}`));
  return `w.array(${writes.length}); ${writes.join(' ')}`;
}

function reading(field: AnyField): string {
  if (typeof field === 'string') return `r.${field}()`;
  if ('optional' in field) return `(r.isNothing() ? undefined : ${reading(field.optional)})`;
  if ('oneOf' in field) return `word(${wordsByNumber(field.oneOf)}, r.small())`;
  if ('list' in field) return `list(r, (r) => ${readingObject(field.list)})`;
  return readingObject(field);
}

function readingObject(field: AnyPlain): string {
  if (typeof field === 'string' || !('fields' in field)) return reading(field);
  const reads = Object.entries(field.fields).map(([name, inner]) => `${name}: ${reading(inner)}`);
  return `(r.arrayOf(${reads.length}), { ${reads.join(', ')} })`;
}

function wordsByNumber(words: Readonly<Record<string, number>>): string {
  const byNumber = Object.entries(words).map(([word, number]) => `${number}: ${JSON.stringify(word)}`);
  return `{ ${byNumber.join(', ')} }`;
}
