// Who reads the world around the program: environment, system clock, timers and chance belong to services/runtime alone.
import {
  type Finding,
  identifierName,
  isNode,
  lineAt,
  literalText,
  memberName,
  type SourceFile,
  type SyntaxNode,
  walk,
} from './syntax.ts';

type Reading = 'clock' | 'environment' | 'chance';

/** Modules through which the same things come in under another name, and the names that bring them. */
const readingImports: Readonly<Record<string, readonly string[]>> = {
  timers: ['setTimeout', 'setInterval'],
  'timers/promises': ['setTimeout', 'setInterval', 'scheduler'],
  perf_hooks: ['performance'],
  process: ['env', 'hrtime', 'uptime', 'default'],
};

/** Is this identifier a use of a value, rather than a property's name, a type, or an import's own word? */
function isUse(parent: SyntaxNode | null, field: string): boolean {
  if (parent === null) return false;
  const named = ['MemberExpression', 'Property', 'MethodDefinition', 'PropertyDefinition'].includes(parent.type);
  if (named && (field === 'property' || field === 'key')) return parent['computed'] === true;
  if (/^(Import|Export)\w*(Declaration|Specifier)$/.test(parent.type) && parent.type !== 'ExportDefaultDeclaration')
    return false;
  return !parent.type.startsWith('TS') || field === 'expression';
}

/** The global that a node uses, whether bare or by `globalThis`, or null. */
function globalName(node: SyntaxNode, parent: SyntaxNode | null, field: string): string | null {
  if (node.type === 'Identifier') return isUse(parent, field) ? identifierName(node) : null;
  if (node.type !== 'MemberExpression') return null;
  return ['globalThis', 'global'].includes(identifierName(node['object']) ?? '') ? memberName(node) : null;
}

const hasNoArguments = (node: SyntaxNode) => !Array.isArray(node['arguments']) || node['arguments'].length === 0;

/** What the use of a global reads; null when it is harmless, as `new Date(0)` and `process.argv` are. */
function readingOf(name: string, parent: SyntaxNode | null, field: string): Reading | null {
  const member = parent?.type === 'MemberExpression' && field === 'object' ? memberName(parent) : null;
  switch (name) {
    case 'Date':
      if (parent?.type === 'NewExpression') return hasNoArguments(parent) ? 'clock' : null;
      if (parent?.type === 'BinaryExpression') return null;
      return member === 'UTC' || member === 'parse' ? null : 'clock';
    case 'process':
      if (member === 'hrtime' || member === 'uptime') return 'clock';
      if (member === null) return /^(VariableDeclarator|Assignment)/.test(parent?.type ?? '') ? 'environment' : null;
      return member === 'env' || member === 'loadEnvFile' ? 'environment' : null;
    case 'AbortSignal':
      return member === 'timeout' ? 'clock' : null;
    case 'DateTime':
      return member === 'now' ? 'clock' : null;
    case 'Math':
      return member === 'random' ? 'chance' : null;
    case 'performance':
    case 'setTimeout':
    case 'setInterval':
      return 'clock';
    default:
      return null;
  }
}

/** luxon reads the clock where a call leaves out the time: `DateTime.utc()`, `DateTime.local()`, `x.diffNow()`. */
function readsLuxonNow(call: SyntaxNode): boolean {
  const callee = call['callee'];
  if (call.type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return false;
  const member = memberName(callee);
  if (member === 'diffNow') return true;
  return (
    (member === 'utc' || member === 'local') && identifierName(callee['object']) === 'DateTime' && hasNoArguments(call)
  );
}

/** The forbidden names that an import brings in, in whichever clothes: by name, as a namespace, or by default. */
function importsReading(node: SyntaxNode): boolean {
  if (node.type !== 'ImportDeclaration' || node['importKind'] === 'type' || !Array.isArray(node['specifiers']))
    return false;
  const forbidden = readingImports[literalText(node['source'])?.replace(/^node:/, '') ?? ''];
  return node['specifiers'].some((specifier: unknown) => {
    if (forbidden === undefined || !isNode(specifier)) return false;
    return specifier.type !== 'ImportSpecifier' || forbidden.includes(identifierName(specifier['imported']) ?? '');
  });
}

const details: Readonly<Record<Reading, string>> = {
  clock: 'only runtime reads the system clock: take a Clock or an instant as an argument',
  environment: 'only runtime reads the environment: take the setting as an argument',
  chance: 'only runtime asks for chance: take it from runtime/chance.ts',
};

export function surroundingsFindings(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const report = (node: SyntaxNode, rule: Reading) =>
    findings.push({ file: file.path, line: lineAt(file.text, node.start), rule, detail: details[rule] });
  walk(file.program, (node, parent, field) => {
    if (readsLuxonNow(node) || importsReading(node)) report(node, 'clock');
    const name = globalName(node, parent, field);
    const reading = name === null ? null : readingOf(name, parent, field);
    if (reading !== null) report(node, reading);
  });
  return findings;
}
