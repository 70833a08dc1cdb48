/** The project's own TypeScript, read and parsed once, for the house rules to look at. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

export interface Source {
  /** From the project's root, with `/` on every system. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Folders that hold code of ours; a new one must be named here, or its files would go unread. */
const FOLDERS = ['src', 'bench', 'deploy', 'examples', 'scripts', 'simulation', 'stack', 'test'];

export const parse = (path: string, text: string): Source => ({
  path,
  text,
  tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
});

/** Every TypeScript file of the project under `root`, in the order of their paths. */
export function readSources(root: string): readonly Source[] {
  const inFolders = FOLDERS.flatMap((folder) => filesUnder(join(root, folder)));
  const atTheTop = readdirSync(root).map((name) => join(root, name));
  return [...inFolders, ...atTheTop]
    .filter((file) => file.endsWith('.ts'))
    .map((file) => parse(relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesUnder(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // a room that has no file yet
    throw error;
  }
}

/** A test, or what only tests use: the contract that all adapters of a port run, fixtures, a `testing/` folder. */
export const isTest = (path: string): boolean =>
  /\.(test|contract|fixture)\.ts$/.test(path) || /(^test|\/testing)\//.test(path);

/** `path:line what is wrong`, as editors and people can follow it. */
export function finding(source: Source, position: number, says: string): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(position);
  return `${source.path}:${line + 1} ${says}`;
}

/** Calls `look` with every node of the tree, parents first. */
export function walk(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => walk(child, look));
}

/** Every comment of the file with where it starts; also those that stand where no statement follows. */
export function commentsOf({ text, tree }: Source): ReadonlyMap<number, string> {
  const comments = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(tree);
    if (children.length === 0) {
      const ranges = [
        ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
      ];
      for (const { pos, end } of ranges) comments.set(pos, text.slice(pos, end));
    }
    children.forEach(visit);
  };
  visit(tree);
  return comments;
}
