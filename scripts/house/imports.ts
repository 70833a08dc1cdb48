/** Who imports whom: read from the syntax tree, types and dynamic imports included. */
import { posix } from 'node:path';
import ts from 'typescript';
import { finding, type Source, walk } from './source.ts';

export interface Import {
  readonly position: number;
  /** As written: `./journal.ts`, `node:fs`, `pg`. */
  readonly specifier: string;
  /** The project file that is meant; undefined for Node's own and npm's modules. */
  readonly target: string | undefined;
}

/** Everything that `source` takes from elsewhere. */
export function importsOf(source: Source): readonly Import[] {
  const imports: Import[] = [];
  walk(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const isOurs = specifier.startsWith('.');
    const target = isOurs ? posix.join(posix.dirname(source.path), specifier) : undefined;
    imports.push({ position: node.getStart(source.tree), specifier, target });
  });
  return imports;
}

/** What an import, an `export … from`, an `import()` or a worker's `new URL(…, import.meta.url)` names. */
function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return textOf(node.arguments[0]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL') {
    const [file, base] = node.arguments ?? [];
    if (base?.getText() !== 'import.meta.url') return undefined;
    const path = textOf(file);
    return path?.endsWith('.ts') ? path : undefined;
  }
  return undefined;
}

const textOf = (node: ts.Node | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

/** An `import()` of what only the run will know cannot be checked, so `src/` has none. */
export function hiddenImports(source: Source): readonly string[] {
  if (!source.path.startsWith('src/')) return [];
  const findings: string[] = [];
  walk(source.tree, (node) => {
    if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return;
    if (textOf(node.arguments[0]) !== undefined) return;
    findings.push(finding(source, node.getStart(source.tree), 'imports what cannot be read from the text'));
  });
  return findings;
}

/** Every circle of files, as `a → b → a`, each told once. */
export function circles(sources: readonly Source[]): readonly string[] {
  const targets = new Map(
    sources.map((source) => [source.path, importsOf(source).flatMap(({ target }) => target ?? [])]),
  );
  const finished = new Set<string>();
  const found: string[] = [];

  const follow = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push([...trail.slice(start), path].join(' → '));
      return;
    }
    if (finished.has(path)) return;
    for (const target of targets.get(path) ?? []) follow(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of targets.keys()) follow(path, []);
  return found;
}

/** Files of `src/` that no entry leads to: dead, or forgotten in the wiring. */
export function unreached(sources: readonly Source[], entries: readonly string[]): readonly string[] {
  const targets = new Map(
    sources.map((source) => [source.path, importsOf(source).flatMap(({ target }) => target ?? [])]),
  );
  const seen = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    waiting.push(...(targets.get(path) ?? []));
  }
  return sources.map(({ path }) => path).filter((path) => path.startsWith('src/') && !seen.has(path));
}
