/** Reads interfaces and unions, with their doc comments, out of a TypeScript file's text. */
import ts from 'typescript';

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly says: string;
}

export interface Shape {
  readonly name: string;
  readonly says: string;
  readonly fields: readonly Field[];
}

export const treeOf = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** Every interface of the file, by name. */
export function shapesOf(tree: ts.SourceFile): ReadonlyMap<string, Shape> {
  const interfaces = tree.statements.filter(ts.isInterfaceDeclaration);
  return new Map(interfaces.map((node) => [node.name.text, shapeOf(node, tree)]));
}

function shapeOf(node: ts.InterfaceDeclaration, tree: ts.SourceFile): Shape {
  const fields = node.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(tree),
    type: oneLine(member.type?.getText(tree) ?? ''),
    says: sentenceOf(member),
  }));
  return { name: node.name.text, says: sentenceOf(node), fields };
}

/** The members of `export type name = A | B | …`, in the order they are written. */
export function unionOf(tree: ts.SourceFile, name: string): readonly string[] {
  const alias = tree.statements.filter(ts.isTypeAliasDeclaration).find((node) => node.name.text === name);
  if (alias === undefined || !ts.isUnionTypeNode(alias.type)) throw new Error(`no union ${name}`);
  return alias.type.types.map((type) => type.getText(tree));
}

/** Each key of the object `export? const name = { … }` with its initializer. */
export function entriesOf(tree: ts.SourceFile, name: string): ReadonlyMap<string, ts.Expression> {
  const initializer = variablesOf(tree).get(name);
  if (initializer === undefined) throw new Error(`no object ${name}`);
  const object = unwrapped(initializer);
  if (!ts.isObjectLiteralExpression(object)) throw new Error(`${name} is no object`);
  const properties = object.properties.filter(ts.isPropertyAssignment);
  return new Map(properties.map((property) => [property.name.getText(tree), property.initializer]));
}

/** Every text that `node` can come to name: its own literals, and those of the file's own functions it uses. */
export function wordsIn(tree: ts.SourceFile, node: ts.Node, isWanted: (word: string) => boolean): string[] {
  const variables = variablesOf(tree);
  const functions = new Map(
    tree.statements.filter(ts.isFunctionDeclaration).map((declared) => [declared.name?.text, declared]),
  );
  const found = new Set<string>();
  const seen = new Set<ts.Node>();
  const visit = (current: ts.Node): void => {
    if (ts.isStringLiteralLike(current) && isWanted(current.text)) found.add(current.text);
    if (ts.isIdentifier(current) && !isMemberName(current)) {
      const declared = variables.get(current.text) ?? functions.get(current.text);
      if (declared !== undefined && !seen.has(declared)) {
        seen.add(declared);
        visit(declared);
      }
    }
    ts.forEachChild(current, visit);
  };
  visit(node);
  return [...found];
}

/** `filled` in `standing.filled` names no declaration of the file. */
const isMemberName = ({ parent, text }: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(parent) && parent.name.text === text) ||
  (ts.isPropertyAssignment(parent) && parent.name.getText() === text);

function variablesOf(tree: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const declarations = tree.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) => [...statement.declarationList.declarations]);
  return new Map(
    declarations.flatMap(({ name, initializer }) =>
      ts.isIdentifier(name) && initializer !== undefined ? [[name.text, initializer] as const] : [],
    ),
  );
}

function unwrapped(node: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node);
  return isWrapped ? unwrapped(node.expression) : node;
}

function sentenceOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comments.at(-1)?.comment) ?? '';
  return oneLine(text);
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
