/** Links between the project's own pages and files, checked without leaving the machine. */
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';

/** Every Markdown page of the project, from its root. */
export function markdownFiles(root: string): readonly string[] {
  const skipped = ['node_modules', 'data', 'coverage'];
  return readdirSync(root, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isFile()) return [entry.name];
      if (!entry.isDirectory() || skipped.includes(entry.name) || entry.name.startsWith('.')) return [];
      const under = readdirSync(`${root}/${entry.name}`, { recursive: true }) as string[];
      return under.map((path) => posix.join(entry.name, path.replaceAll('\\', '/')));
    })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules/'))
    .sort();
}

export interface Shelf {
  /** Is there such a file or folder, from the project's root? */
  exists(path: string): boolean;
  read(path: string): string;
}

/** The links of `page`, which lies at `path`, that lead to no file or to no heading. */
export function brokenLinks(path: string, page: string, shelf: Shelf): readonly string[] {
  return linksOf(page).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false; // the world outside is not ours to hold
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : posix.join(posix.dirname(path), file);
    if (file !== '' && !shelf.exists(target)) return true;
    if (anchor === undefined || !target.endsWith('.md')) return false;
    return !anchorsOf(file === '' ? page : shelf.read(target)).has(anchor);
  });
}

function linksOf(page: string): readonly string[] {
  const prose = withoutCode(page);
  const markdown = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  const html = [...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
  return [...markdown, ...html];
}

/** As GitHub makes them: lower case, spaces to hyphens, all other signs gone. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...withoutFences(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => heading ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}

const withoutFences = (page: string): string => page.replace(/^```[^\n]*\n[\s\S]*?^```/gm, '');
/** Code spans are no links, except where the link's own text is one: [`core/`](src/core). */
const withoutCode = (page: string): string =>
  withoutFences(page).replace(/`[^`\n]*`/g, (span) => (span.includes('](') ? '' : 'code'));
