// Reads a TypeScript file into its syntax tree, and walks it: what the checks of our own rules stand on.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** A node of the tree. Its fields depend on `type`; the walk and the readers below look at them as unknown values. */
export type SyntaxNode = { readonly type: string; readonly start: number; readonly [field: string]: unknown };

/** Something against a rule, at a line of a file (path from the tree's root, with forward slashes). */
export type Finding = { readonly file: string; readonly line: number; readonly rule: string; readonly detail: string };

export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
  readonly comments: readonly { readonly value: string; readonly start: number }[];
  readonly errors: readonly string[];
};

const foldersLeftOut = new Set(['node_modules', 'dist', 'artifacts', '.toolchain', '.git']);

/** Every TypeScript and JavaScript file under `folders` of `root`, sorted; a folder that is not there holds none. */
export function sourcePaths(root: string, folders: readonly string[]): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return foldersLeftOut.has(entry.name) ? [] : below(path);
      return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
    });
  const present = new Set(readdirSync(root));
  return folders
    .filter((folder) => present.has(folder))
    .flatMap(below)
    .sort();
}

export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const program = isNode(parsed.program) ? parsed.program : { type: 'Program', start: 0 };
  return { path, text, program, comments: parsed.comments, errors: parsed.errors.map((error) => error.message) };
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Calls `visit` for every node below `node`, with its parent and the parent's field that holds it. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null, field: string) => void,
  parent: SyntaxNode | null = null,
  field = '',
): void {
  visit(node, parent, field);
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node, name);
  }
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The text of a string literal, or of a template without holes; null for everything that is only known when it runs. */
export function literalText(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : null;
  const quasis = node.type === 'TemplateLiteral' && Array.isArray(node['quasis']) ? node['quasis'] : [];
  const value: unknown = quasis.length === 1 ? quasis[0].value?.cooked : null;
  return typeof value === 'string' ? value : null;
}

/** The name of an identifier, or null for any other node. */
export function identifierName(node: unknown): string | null {
  return isNode(node) && node.type === 'Identifier' && typeof node['name'] === 'string' ? node['name'] : null;
}

/** The name of the property that a member expression reads (`a.b`, `a['b']`), or null when only a run can tell. */
export function memberName(node: SyntaxNode): string | null {
  return node['computed'] === true ? literalText(node['property']) : identifierName(node['property']);
}
