// Rules of the house that a reader would otherwise have to watch: length, first line, names. All by the syntax tree.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type Finding,
  identifierName,
  isNode,
  lineAt,
  parseSource,
  type SyntaxNode,
  sourcePaths,
  walk,
} from './syntax.ts';

const fileLinesMax = 500;

/** Names that say nothing, as whole names; as part of a longer one they may be right. */
const emptyNames = /^(handle|process|manager|helper|util|data)s?$/i;

/** The identifiers that a node declares, where declaring is its whole point. */
function declaredName(node: SyntaxNode): string | null {
  const declares = [
    'VariableDeclarator',
    'FunctionDeclaration',
    'ClassDeclaration',
    'TSTypeAliasDeclaration',
    'TSInterfaceDeclaration',
    'MethodDefinition',
  ];
  if (!declares.includes(node.type)) return null;
  return identifierName(node['id']) ?? identifierName(node['key']);
}

function fileFindings(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const report = (line: number, rule: string, detail: string) => findings.push({ file: path, line, rule, detail });
  const lines = text.split('\n').length - 1;
  if (lines > fileLinesMax) report(fileLinesMax, 'length', `${lines} lines; a file has ${fileLinesMax} at most`);

  // A test is named after its subject, and its describe says the rest.
  const firstLine = text.replace(/^#!.*\n/, '').split('\n', 1)[0] ?? '';
  if (!/^\/\/ \S/.test(firstLine) && !path.endsWith('.test.ts'))
    report(1, 'first line', 'begin with a comment that says the file’s one job');

  const stem = basename(path).replace(/\..*$/, '');
  if (stem === 'index') report(1, 'names', 'no barrels: import from the file that has it');
  if (emptyNames.test(stem)) report(1, 'names', `a file named ${stem} says nothing of its job`);
  if (path.startsWith('test/')) return findings;
  walk(parseSource(path, text).program, (node) => {
    const name = declaredName(node);
    if (name !== null && emptyNames.test(name))
      report(lineAt(text, node.start), 'names', `${name} is no whole name: say what it is or does`);
    if (node.type === 'TSAsExpression' && isNode(node['expression']) && node['expression'].type === 'TSAsExpression')
      report(lineAt(text, node.start), 'casts', 'a double cast silences the compiler: narrow the value instead');
  });
  return findings;
}

/** Every breach of the house's rules under `root`, by file and line. */
export function houseFindings(root: string): Finding[] {
  return sourcePaths(root, ['services', 'infra', 'test']).flatMap((path) =>
    fileFindings(path, readFileSync(join(root, path), 'utf8')),
  );
}
