/** The house rules as a test: what `docs/decisions/0001-the-house.md` asks for, held against every file. */
import { describe, expect, test } from 'vitest';
import { circles, hiddenImports, importsOf, unreached } from './scripts/house/imports.ts';
import { impurities } from './scripts/house/purity.ts';
import { MAY_IMPORT, roomOf, smuggledAdapters, strangers, technologyOf } from './scripts/house/rooms.ts';
import {
  emptyNames,
  longFiles,
  longFunctions,
  silencedTests,
  speechless,
  unfinished,
} from './scripts/house/shape.ts';
import { isTest, readSources, type Source } from './scripts/house/source.ts';

const sources = readSources(import.meta.dirname);
const production = sources.filter(({ path }) => path.startsWith('src/') && !isTest(path));
const everywhere = (rule: (source: Source) => readonly string[]): readonly string[] => sources.flatMap(rule);

describe('the rooms', () => {
  test('no file imports from a room above its own, or beside it', () => {
    expect(everywhere(strangers)).toEqual([]);
  });
  test('adapters are picked in main/ and nowhere else', () => {
    expect(everywhere(smuggledAdapters)).toEqual([]);
  });
  test('no circle of files', () => {
    expect(circles(production)).toEqual([]);
  });
  test('no file is dead: the command line leads to each, memory adapters aside, which tests run on', () => {
    const dead = unreached(production, ['src/cli/itirp.ts']);
    expect(dead.filter((path) => technologyOf(path) !== 'memory')).toEqual([]);
  });
  test('every import of src/ can be read from its text', () => {
    expect(everywhere(hiddenImports)).toEqual([]);
  });
});

test('the pure rooms touch no clock, no dice, no float and nothing outside', () => {
  expect(everywhere(impurities)).toEqual([]);
});

describe('the files', () => {
  test.each([
    ['have names that say something', emptyNames],
    ['are short', longFiles],
    ['have short functions', longFunctions],
    ['open with a sentence on what they are for', speechless],
    ['promise nothing for later and blind no checker', unfinished],
    ['silence no test', silencedTests],
  ])('%s', (_title, rule) => {
    expect(everywhere(rule)).toEqual([]);
  });
});

describe('the checks see the house', () => {
  test('there are as many files and imports as a whole house has', () => {
    expect(production.length).toBeGreaterThanOrEqual(200);
    expect(production.flatMap(importsOf).length).toBeGreaterThanOrEqual(1000);
  });
  test('every import within the house leads to a file that was read', () => {
    const paths = new Set(sources.map(({ path }) => path));
    const lost = production.flatMap((source) =>
      importsOf(source).filter(({ target }) => target !== undefined && !paths.has(target)),
    );
    expect(lost).toEqual([]);
  });
  test('the table of rooms has no circle either: floors are floors', () => {
    const leads = (from: string, to: string): boolean =>
      (MAY_IMPORT[from] ?? []).some((room) => room === to || leads(room, to));
    expect(Object.keys(MAY_IMPORT).filter((room) => leads(room, room))).toEqual([]);
  });
  test('every room that has a file is in the table', () => {
    const rooms = new Set(production.map(({ path }) => roomOf(path) ?? `${path} is in no room`));
    expect([...rooms].filter((room) => MAY_IMPORT[room] === undefined)).toEqual([]);
  });
});
