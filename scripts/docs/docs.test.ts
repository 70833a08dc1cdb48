/** The pages and the code say the same, every link leads somewhere, and the README's promises are kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../src/faults/fault.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { entriesOf, shapesOf, treeOf, unionOf, wordsIn } from './declarations.ts';
import { eventEntries } from './events.ts';
import { brokenLinks, markdownFiles } from './links.ts';
import { table, withSection } from './markdown.ts';
import { OF_LINUX } from './metrics.ts';
import { PAGES } from './pages.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the generated pages', () => {
  test.each(PAGES)('$path is what the code says; `npm run docs` writes it', async ({ path, make }) => {
    expect(read(path)).toBe(await make(root));
  });
  test('docs/faults.md lists every fault and no other', () => {
    const listed = [...read('docs/faults.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual(Object.keys(FAULTS));
  });
  test('docs/metrics.md lists every metric that a process shows and no other', async () => {
    const listed = [...read('docs/metrics.md').matchAll(/^\| `([a-z_0-9]+)` \|/gm)].map(
      ([, name = '']) => name,
    );
    const text = await openMetrics().registry.metrics();
    const shown = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    expect(new Set(listed)).toEqual(new Set(shown.filter((name) => !OF_LINUX.includes(name))));
    expect(listed.length).toBe(new Set(listed).size);
  });
  test('docs/events.md says a sentence on every event', () => {
    const silent = eventEntries(root).filter(({ says }) => says === '');
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe('the links', () => {
  const files = markdownFiles(root);
  test('there are pages to look at', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'docs/events.md']));
  });
  test.each(files)('%s leads to what is there', (path) => {
    const exists = (target: string): boolean => existsSync(join(root, target));
    expect(brokenLinks(path, read(path), { exists, read })).toEqual([]);
  });
});

describe('the README', () => {
  test('starts and tests the platform in one line each, and CI runs the same', () => {
    const readme = read('README.md');
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
    const ci = read('.ci/run');
    expect(ci).toMatch(/^step install npm ci$/m);
    expect(ci).toMatch(/^tests tests npm test$/m);
  });
  test('has a sentence on every room there is, and on no other', () => {
    const named = [...read('README.md').matchAll(/^\| \[`([a-z-]+)\/`\]\(src\//gm)].map(([, room]) => room);
    expect(new Set(named)).toEqual(new Set(readdirSync(join(root, 'src'))));
  });
});

describe('the makers of pages', () => {
  const text = `
    export type Event = Opened | Closed;
    /** It opened. */
    export interface Opened { type: 'Opened' }
    /** It closed. */
    export interface Closed {
      /** For whom. */
      readonly why: string | undefined;
    }
    const later = ({ early }) => [early.EARLY, 'LATE'];
    const EARLY = 'never meant';
    const MAP = { a: () => later(), b: () => 'SOON' };`;
  const tree = treeOf('x.ts', text);

  test('read unions, sentences and fields', () => {
    expect(unionOf(tree, 'Event')).toEqual(['Opened', 'Closed']);
    const closed = shapesOf(tree).get('Closed');
    expect(closed?.says).toBe('It closed.');
    expect(closed?.fields).toEqual([{ name: 'why', type: 'string | undefined', says: 'For whom.' }]);
  });
  test('follow a line to the words it may come to name', () => {
    const map = entriesOf(tree, 'MAP');
    const lines = ['a', 'b'].flatMap((key) => wordsIn(tree, map.get(key) ?? tree, () => true));
    expect(lines).toEqual(['LATE', 'SOON']);
  });
  test('escape what would break a table', () => {
    expect(table(['a'], [['x | y']])).toBe('| a |\n| --- |\n| x \\| y |');
  });
  test('replace a section and nothing around it', () => {
    expect(withSection('a\n<!-- t -->\nold\n<!-- /t -->\nz', 't', 'new')).toBe(
      'a\n<!-- t -->\n\nnew\n\n<!-- /t -->\nz',
    );
    expect(() => withSection('a', 't', 'new')).toThrow('no section t');
  });
  test('find a link that leads nowhere, and an anchor that no heading has', () => {
    const page =
      '[a](there.md) [b](gone.md) [c](#here) [d](#lost) [e](https://x.org) `[f](no.md)`\n## Here\n';
    const look = {
      exists: (path: string) => path === join(dirname('docs/x.md'), 'there.md'),
      read: () => '',
    };
    expect(brokenLinks('docs/x.md', page, look)).toEqual(['gone.md', '#lost']);
  });
});
