/** A migration adds and does not take away, or says that it does: old nodes run beside a new one while a release rolls. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const FOLDER = new URL('./migrations/', import.meta.url);
/** From when on nodes of two releases share a database. */
const FIRST = 6;

const TAKES_AWAY = [
  /\bdrop\s+column\b/i,
  /\brename\s+(column\b|(?!to\b)\w+\s+to\b)/i,
  /\bdrop\s+table\s+(if\s+exists\s+)?\w/i, // `%I` in a function's text is that function's business
  /^\s*alter\s+table\s+\w+\s+rename\s+to\b/im,
  /\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b/i,
  /\bdrop\s+(default|function|index|procedure|trigger|type|(materialized\s+)?view)\b/i,
  /\bdrop\s+constraint\s+(?:if\s+exists\s+)?(\w+)\b(?![\s\S]*\badd\s+constraint\s+\1\b)/i, // it may be put back
  /\bset\s+not\s+null\b/i,
  /\badd\s+column\s+\w+\s+[^,;]*\bnot\s+null\b(?![^,;]*\b(default|generated)\b)/i,
];

/** What in a migration's text an older program may trip over, without a line that says so. */
function unsaid(sql: string): readonly string[] {
  if (/^-- (contract|harmless): \S/m.test(sql)) return [];
  const statements = sql.replace(/--.*$/gm, '').replace(/\$\$[\s\S]*?\$\$/g, '');
  return TAKES_AWAY.flatMap((pattern) => pattern.exec(statements)?.[0] ?? []);
}

const files = readdirSync(FOLDER).filter(
  (name) => name.endsWith('.sql') && Number(name.slice(0, 3)) >= FIRST,
);

test.each(files)('%s takes nothing away in silence', (file) => {
  expect(unsaid(readFileSync(new URL(file, FOLDER), 'utf8'))).toEqual([]);
});

describe('the rule bites', () => {
  test.each([
    'alter table t drop column a;',
    'alter table t rename column a to b;',
    'alter table t rename a to b;',
    'alter table t rename to u;',
    'drop table if exists t;',
    'alter table t alter column a type bigint;',
    'alter table t alter a set data type bigint;',
    'alter table t drop constraint t_pkey;',
    'alter table t drop constraint t_pkey;\nalter table t add constraint t_key unique (a);',
    'alter table t alter column a drop default;',
    'drop function f(int);',
    'drop index concurrently if exists i;',
    'drop view v;',
    'drop materialized view if exists v;',
    'drop trigger g on t;',
    'alter table t alter column a set not null;',
    'alter table t add column a int not null;',
  ])('%s', (sql) => {
    expect(unsaid(sql)).toHaveLength(1);
    expect(unsaid(`-- contract: unused since release 2\n${sql}`)).toEqual([]);
    expect(unsaid(`-- harmless: a narrower index serves its queries\n${sql}`)).toEqual([]);
    expect(unsaid(`-- contract:\n${sql}`)).toHaveLength(1); // it has to say why
    expect(unsaid(`-- harmless:\n${sql}`)).toHaveLength(1);
  });
  test.each([
    'alter table t add column a int;',
    'alter table t add column a int not null default 0;',
    'alter table t add column a int not null generated always as (1) stored;',
    'create table t (a int not null);',
    'alter table t drop constraint t_pkey;\nalter table t add constraint t_pkey primary key (a, b);',
    '-- drop column a\nselect 1;',
  ])('and not on %s', (sql) => {
    expect(unsaid(sql)).toEqual([]);
  });
  test('there are files to look at', () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });
});
