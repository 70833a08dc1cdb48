/** The checks bite: each rule is shown a small source that breaks it, and one that only looks as if. */
import { describe, expect, test } from 'vitest';
import { circles, hiddenImports, importsOf, unreached } from './imports.ts';
import { impurities } from './purity.ts';
import { smuggledAdapters, strangers, technologyOf } from './rooms.ts';
import { emptyNames, longFiles, longFunctions, silencedTests, speechless, unfinished } from './shape.ts';
import { parse, type Source } from './source.ts';

type Rule = (source: Source) => readonly string[];
const counts = (rule: Rule, path: string, text: string): number => rule(parse(path, text)).length;

describe('imports are read', () => {
  test.each([
    ["import { a } from './a.ts'", './a.ts'],
    ["import type { A } from './a.ts'", './a.ts'],
    ["import './a.ts'", './a.ts'],
    ["export * from './a.ts'", './a.ts'],
    ["const a = await import('./a.ts')", './a.ts'],
    ["type A = import('./a.ts').A", './a.ts'],
    ["new Worker(new URL('./a.ts', import.meta.url))", './a.ts'],
    ["import fs from 'node:fs'", 'node:fs'],
  ])('%s', (text, specifier) => {
    expect(importsOf(parse('src/core/x.ts', text)).map((found) => found.specifier)).toEqual([specifier]);
  });

  test('but not from comments and strings', () => {
    const text =
      "// import './a.ts'\nconst text = \"import './b.ts'\";\nnew URL('./c.sql', import.meta.url);";
    expect(importsOf(parse('src/core/x.ts', text))).toEqual([]);
  });
  test('and relative to the importing file', () => {
    const [found] = importsOf(parse('src/core/orders/x.ts', "import '../values/y.ts'"));
    expect(found?.target).toBe('src/core/values/y.ts');
  });
  test('a target that only the run will know is refused in src/', () => {
    expect(counts(hiddenImports, 'src/main/x.ts', 'await import(name)')).toBe(1);
    expect(counts(hiddenImports, 'scripts/x.ts', 'await import(name)')).toBe(0);
  });
});

describe('rooms', () => {
  test.each([
    ['src/core/x.ts', '../journal/entry.ts', 1], // up
    ['src/faults/x.ts', '../core/state.ts', 1], // beside
    ['src/journal/x.ts', '../database/pool.ts', 0], // the one exception
    ['src/database/x.ts', '../journal/entry.ts', 1], // which runs one way only
    ['src/venues/x.ts', '../projections/reads.ts', 1], // beside
    ['src/gateways/http/x.ts', '../../sequencer/engine.ts', 0],
    ['src/sequencer/x.ts', '../gateways/http/app.ts', 1],
    ['src/main/x.ts', '../cli/itirp.ts', 1],
    ['src/main/x.ts', '../../bench/load.ts', 1], // out of src/
    ['src/cli/x.ts', '../../bench/bench.ts', 0], // which is started, not imported
    ['src/attic/x.ts', './y.ts', 1], // a room nobody knows
    ['src/core/x.test.ts', '../journal/entry.ts', 0], // tests go where they must
    ['src/core/testing/x.ts', '../../journal/entry.ts', 0],
  ])('%s importing %s: %i findings', (path, specifier, expected) => {
    expect(counts(strangers, path, `import type { X } from '${specifier}'`)).toBe(expected);
  });
});

describe('adapters', () => {
  test.each([
    ['src/journal/postgres.ts', 'postgres'],
    ['src/access/users-postgres.ts', 'postgres'],
    ['src/cache/memory.ts', 'memory'],
    ['src/journal/journal.ts', undefined],
    ['src/database/postgres.ts', undefined],
    ['src/journal/postgres.int.test.ts', undefined],
  ])('%s is the adapter of %s', (path, technology) => {
    expect(technologyOf(path)).toBe(technology);
  });
  test.each([
    ['src/sequencer/x.ts', '../journal/postgres.ts', 1],
    ['src/journal/verifier.ts', './postgres.ts', 1],
    ['src/journal/postgres-rows.ts', './postgres.ts', 0], // two files of one adapter
    ['src/projections/postgres.ts', '../journal/postgres.ts', 1], // another room's
    ['src/main/x.ts', '../journal/postgres.ts', 0],
    ['src/sequencer/x.int.test.ts', '../journal/postgres.ts', 0],
    ['bench/durable.ts', '../src/journal/postgres.ts', 0],
  ])('%s importing %s: %i findings', (path, specifier, expected) => {
    expect(counts(smuggledAdapters, path, `import { X } from '${specifier}'`)).toBe(expected);
  });
});

test('a circle is found, however long, and a diamond is none', () => {
  const a = parse('src/core/a.ts', "import './b.ts'; import './c.ts'");
  const b = parse('src/core/b.ts', "import './d.ts'");
  const c = parse('src/core/c.ts', "import './d.ts'");
  const open = parse('src/core/d.ts', '');
  const closed = parse('src/core/d.ts', "import type { A } from './a.ts'");
  expect(circles([a, b, c, open])).toEqual([]);
  expect(circles([a, b, c, closed])).toContain(
    'src/core/a.ts → src/core/b.ts → src/core/d.ts → src/core/a.ts',
  );
});

test('a file that nothing leads to is found', () => {
  const entry = parse('src/cli/itirp.ts', "import './a.ts'");
  const used = parse('src/cli/a.ts', '');
  const dead = parse('src/cli/b.ts', "import './a.ts'");
  expect(unreached([entry, used, dead], ['src/cli/itirp.ts'])).toEqual(['src/cli/b.ts']);
});

describe('purity', () => {
  test.each([
    'const at = Date.now();',
    'const at = new Date();',
    'const dice = Math.random();',
    'const at = performance.now();',
    'const env = process.env;',
    'setTimeout(() => {}, 1);',
    'const later = async () => {};',
    "import assert from 'node:assert';",
    "import { z } from 'zod';",
    'const half = 0.5;',
    'const many = 1e9;',
    "const p = parseFloat('1');",
    'const p = Number(1n);',
  ])('refuses %s', (text) => {
    expect(counts(impurities, 'src/core/x.ts', text)).toBeGreaterThan(0);
    expect(counts(impurities, 'src/sequencer/x.ts', text)).toBe(0);
  });
  test.each([
    'const a = Math.max(1, 2);',
    'const mask = 0xfe;',
    'const many = 1_000n;',
    'const event = { process: 1, Date: 2 };',
    'const day = event.process;',
    'interface Row { readonly performance: bigint }',
    '// Date.now() is what the sequencer is for',
    "const says = 'no Date here';",
  ])('allows %s', (text) => {
    expect(counts(impurities, 'src/core/x.ts', text)).toBe(0);
  });
});

describe('shape', () => {
  test('empty names', () => {
    expect(counts(emptyNames, 'src/core/index.ts', '')).toBe(1);
    expect(counts(emptyNames, 'src/utils/money.ts', '')).toBe(1);
    expect(counts(emptyNames, 'src/core/values/names.ts', '')).toBe(0);
  });
  test('a file of 300 lines passes, one more does not', () => {
    expect(counts(longFiles, 'src/core/x.ts', 'a;\n'.repeat(300))).toBe(0);
    expect(counts(longFiles, 'src/core/x.ts', 'a;\n'.repeat(301))).toBe(1);
  });
  test('a function of 70 lines passes, one more does not; a suite is no function', () => {
    const lines = (count: number): string => 'a;\n'.repeat(count);
    expect(counts(longFunctions, 'src/core/x.ts', `function f() {\n${lines(68)}}`)).toBe(0);
    expect(counts(longFunctions, 'src/core/x.ts', `function f() {\n${lines(69)}}`)).toBe(1);
    expect(counts(longFunctions, 'src/core/x.ts', `class A { get a() {\n${lines(69)}} }`)).toBe(1);
    expect(counts(longFunctions, 'src/core/x.test.ts', `describe('a', () => {\n${lines(90)}});`)).toBe(0);
    expect(counts(longFunctions, 'src/core/x.test.ts', `test('a', () => {\n${lines(90)}});`)).toBe(1);
  });
  test('a file opens with its sentence', () => {
    expect(counts(speechless, 'src/core/x.ts', '/** What an account holds. */\n')).toBe(0);
    expect(counts(speechless, 'src/core/x.ts', '/**\n * What an account holds.\n */\n')).toBe(0);
    expect(counts(speechless, 'src/core/x.ts', '// What an account holds.\n')).toBe(1);
    expect(counts(speechless, 'src/core/x.ts', '/** */\n')).toBe(1);
    expect(counts(speechless, 'src/core/x.ts', 'export const a = 1;\n')).toBe(1);
  });
  test.each(['TODO', 'FIXME', '@ts-ignore', '@ts-expect-error'])('%s in a comment, not in a text', (word) => {
    expect(counts(unfinished, 'src/core/x.ts', `// ${word}: later\nconst a = 1;`)).toBe(1);
    expect(counts(unfinished, 'src/core/x.ts', `function f() {\n  /* ${word} */\n}`)).toBe(1);
    expect(counts(unfinished, 'src/core/x.ts', `const a = '${word}';`)).toBe(0);
  });
  test.each(['skip', 'only', 'todo'])('test.%s is refused', (word) => {
    expect(counts(silencedTests, 'src/core/x.test.ts', `test.${word}('a', () => {});`)).toBe(1);
    expect(counts(silencedTests, 'src/core/x.test.ts', `describe.${word}('a', () => {});`)).toBe(1);
    expect(counts(silencedTests, 'src/core/x.test.ts', `page.${word}('a');`)).toBe(0);
  });
});
