/** How a file looks: its name, its length, its first sentence, and what may not stand in it. */
import ts from 'typescript';
import { commentsOf, finding, isTest, type Source, walk } from './source.ts';

export const FILE_LINES_MAX = 300;
export const FUNCTION_LINES_MAX = 70;

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = ['index', 'util', 'utils', 'helper', 'helpers', 'common', 'misc', 'shared', 'lib'];

export function emptyNames(source: Source): readonly string[] {
  const words = source.path.replace(/\.ts$/, '').split('/');
  const empty = words.filter((word) => EMPTY_NAMES.includes(word));
  return empty.map((word) => finding(source, 0, `"${word}" names nothing: name the thing that is inside`));
}

export function longFiles(source: Source): readonly string[] {
  const lines = source.text.trimEnd().split('\n').length;
  return lines > FILE_LINES_MAX ? [finding(source, 0, `has ${lines} lines; at most ${FILE_LINES_MAX}`)] : [];
}

export function longFunctions(source: Source): readonly string[] {
  const findings: string[] = [];
  walk(source.tree, (node) => {
    if (!ts.isFunctionLike(node) || isSuite(node)) return;
    const start = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line;
    const lines = source.tree.getLineAndCharacterOfPosition(node.end).line - start + 1;
    if (lines <= FUNCTION_LINES_MAX) return;
    const says = `a function of ${lines} lines; at most ${FUNCTION_LINES_MAX}`;
    findings.push(finding(source, node.getStart(source.tree), says));
  });
  return findings;
}

/** The function that `describe` is given is a chapter, not a function: only its tests have a length. */
function isSuite(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && /^describe\b/.test(parent.expression.getText());
}

/** Files that do not begin with the sentence on what they are for. A test file's titles are its sentences. */
export function speechless(source: Source): readonly string[] {
  if (source.path.endsWith('.test.ts')) return [];
  const opening = source.text.replace(/^#![^\n]*\n/, '');
  const isSaid = /^\/\*\*\s*(?:\*\s*)?[^\s*][^*]{10,}/.test(opening);
  return isSaid ? [] : [finding(source, 0, 'does not open with a sentence on what it is for')];
}

/** Promises to finish later, and hands laid over the compiler's eyes. */
const UNFINISHED =
  /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)|eslint-disable|oxlint-disable/;

export function unfinished(source: Source): readonly string[] {
  return [...commentsOf(source)].flatMap(([position, comment]) => {
    const word = UNFINISHED.exec(comment)?.[0];
    return word === undefined ? [] : [finding(source, position, `a comment says ${word}`)];
  });
}

/** Tests that are switched off, or that switch all the others off. */
export function silencedTests(source: Source): readonly string[] {
  if (!isTest(source.path)) return [];
  const findings: string[] = [];
  walk(source.tree, (node) => {
    if (!ts.isPropertyAccessExpression(node)) return;
    const isSilencer = ['skip', 'only', 'todo', 'fails'].includes(node.name.text);
    const isOfTest = /^(test|it|describe|suite|bench)\b/.test(node.expression.getText());
    if (isSilencer && isOfTest) {
      findings.push(finding(source, node.getStart(source.tree), `silences tests: ${node.getText()}`));
    }
  });
  return findings;
}
