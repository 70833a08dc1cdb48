/** What the pure rooms may not touch: clocks, dice, the outside world, and floats. */
import ts from 'typescript';
import { importsOf } from './imports.ts';
import { roomOf } from './rooms.ts';
import { finding, isTest, type Source, walk } from './source.ts';

const PURE_ROOMS = ['core', 'exchange'];

/** Names that reach a clock, dice, or anything else a replay would see differently. */
const BANNED = new Set([
  'Date',
  'Intl',
  'Math.random',
  'crypto',
  'performance',
  'process',
  'console',
  'globalThis',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Promise',
  'parseFloat',
  'Number.parseFloat',
]);

/** `Number(…)` makes a float of a bigint. These turn a count or a length into one, and no amount of money. */
const MAY_CALL_NUMBER: readonly string[] = [];

/** Everything impure in a file of a pure room. */
export function impurities(source: Source): readonly string[] {
  const room = roomOf(source.path);
  if (room === undefined || !PURE_ROOMS.includes(room) || isTest(source.path)) return [];

  const findings = importsOf(source)
    .filter(({ target }) => target === undefined)
    .map(({ position, specifier }) => finding(source, position, `${room} may not import ${specifier}`));
  walk(source.tree, (node) => {
    const what = impurityOf(node, source);
    if (what !== undefined) findings.push(finding(source, node.getStart(source.tree), `${room}: ${what}`));
  });
  return findings;
}

function impurityOf(node: ts.Node, { path }: Source): string | undefined {
  if (ts.isIdentifier(node) && isReference(node) && BANNED.has(node.text)) return `no ${node.text}`;
  if (ts.isPropertyAccessExpression(node) && BANNED.has(node.getText())) return `no ${node.getText()}`;
  if (ts.isNumericLiteral(node) && /[.eE]/.test(node.getText()) && !/^0x/i.test(node.getText())) {
    return `no float: ${node.getText()}`;
  }
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node))
    return 'no async: nothing waits';
  const isCallOfNumber =
    ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Number';
  if (isCallOfNumber && !MAY_CALL_NUMBER.includes(path)) return 'no Number(…): amounts stay bigint';
  return undefined;
}

/** Is the identifier used as a value of the surroundings, not as somebody's property or a new name? */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  const isMember =
    ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent);
  if (isMember) return parent.name !== node;
  const isMethod = ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent);
  return !(isMethod && parent.name === node);
}
