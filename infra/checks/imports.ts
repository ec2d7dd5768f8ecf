// The import rule: which room may import which, which packages belong to which room, and who may read clock and environment.
// Type-only imports count as imports: a type that leaks is a dependency too.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { surroundingsFindings } from './surroundings.ts';
import {
  type Finding,
  identifierName,
  isNode,
  lineAt,
  literalText,
  memberName,
  parseSource,
  type SourceFile,
  type SyntaxNode,
  sourcePaths,
  walk,
} from './syntax.ts';

/** What each room may import besides itself. A folder that is not here may not exist. */
const roomImports: Readonly<Record<string, readonly string[]>> = {
  'services/core': [],
  'services/runtime': [],
  'services/log': ['services/core', 'services/runtime'],
  'services/store': ['services/core', 'services/runtime'],
  'services/ingest': ['services/core', 'services/runtime', 'services/log', 'services/store'],
  'services/projector': ['services/core', 'services/runtime', 'services/log', 'services/store'],
  'services/query': ['services/core', 'services/runtime', 'services/log', 'services/store'],
  'services/export': ['services/core', 'services/runtime', 'services/log', 'services/store'],
  'services/demo': ['services/core', 'services/runtime', 'services/log', 'services/store'],
  'services/dashboard': [],
  'services/cli': ['services'],
  'services/cli.ts': ['services'],
  'infra/local': ['services/runtime'],
  infra: ['services/core', 'services/runtime'],
  test: ['services', 'infra', 'schemas'],
};

/** The places in which a package may be imported; a package that is not here may be imported in every room but core. */
const packagePlaces: readonly { readonly packages: RegExp; readonly places: RegExp; readonly owner: string }[] = [
  { packages: /^(kafkajs|@platformatic\/kafka)$/, places: /^services\/log\//, owner: 'log' },
  { packages: /^@aws-sdk\/((client|lib|util)-dynamodb|dynamodb-.*)$/, places: /^services\/store\//, owner: 'store' },
  { packages: /^lmdb$/, places: /^services\/(log|store)\//, owner: 'log and store' },
  {
    packages: /^(@aws-sdk\/(client-s3|lib-storage|s3-.*)|nodemailer)$/,
    places: /^services\/export\/deliver/,
    owner: 'the delivery files of export',
  },
  {
    packages: /^(react|react-dom|oauth4webapi|@tanstack\/.*)$/,
    places: /^services\/dashboard\//,
    owner: 'the dashboard, whose packages are bundled into its pages and not there where services run',
  },
];

/** Bundled for browsers: neither Node's modules nor what only services need. */
const dashboardPackages = /^(react|react-dom|echarts|oauth4webapi|@tanstack\/.*)$/;

/** The one door into another room for types alone. */
const wireTypes = /^services\/query\/wire(\/|[.-])/;

/** cli.ts, its folder and each room's main.ts put the rooms together: only they themselves and the tests import them. */
const compositionRoots = /^services\/(cli\/.+|(cli|[^/]+\/main)\.[jt]sx?)$/;
const composesRooms = /^(test|services\/cli(\.ts)?)$/;

type Import = { readonly specifier: string | null; readonly typeOnly: boolean; readonly start: number };

/** Everything that reaches for another module, in whichever way. `specifier` is null where only a run could tell. */
function importsOf(program: SyntaxNode): Import[] {
  const found: Import[] = [];
  const add = (source: unknown, typeOnly: boolean, start: number) =>
    found.push({ specifier: literalText(source), typeOnly, start });
  walk(program, (node) => {
    const callee = node['callee'];
    const reference = node['moduleReference'];
    if (node.type === 'ImportDeclaration') add(node['source'], node['importKind'] === 'type', node.start);
    else if (node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node['source']))
      add(node['source'], node['exportKind'] === 'type', node.start);
    else if (node.type === 'ImportExpression') add(node['source'], false, node.start);
    else if (node.type === 'TSImportType') add(node['source'], true, node.start);
    else if (isNode(reference) && reference.type === 'TSExternalModuleReference')
      add(reference['expression'], false, node.start);
    else if (node.type === 'CallExpression' && loadsModule(callee) && Array.isArray(node['arguments']))
      add(node['arguments'][0], false, node.start);
  });
  return found;
}

/** `require(…)`, `require.resolve(…)`, `import.meta.resolve(…)`. */
function loadsModule(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (identifierName(callee) === 'require') return true;
  if (callee.type !== 'MemberExpression' || memberName(callee) !== 'resolve') return false;
  const object = callee['object'];
  return identifierName(object) === 'require' || (isNode(object) && object.type === 'MetaProperty');
}

const isWithin = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

const roomOf = (path: string) => Object.keys(roomImports).find((room) => isWithin(path, room)) ?? null;

function importFinding(path: string, room: string, wanted: Import): { rule: string; detail: string } | null {
  const { specifier, typeOnly } = wanted;
  if (specifier === null)
    return { rule: 'literal', detail: 'a module is named by a computed value; name it by a literal' };
  if (specifier.startsWith('/') || specifier.startsWith('#') || /^(file|data|https?):/.test(specifier))
    return { rule: 'relative', detail: `${specifier} is neither a relative path nor a package` };

  if (!specifier.startsWith('.')) {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    if (room === 'services/core' && name !== 'zod')
      return { rule: 'packages', detail: `core imports zod and nothing else from outside, not ${specifier}` };
    if (room === 'services/dashboard' && !dashboardPackages.test(name))
      return { rule: 'packages', detail: `${name} would be bundled for browsers; add it to infra/checks/imports.ts` };
    const restricted = packagePlaces.find(({ packages }) => packages.test(name));
    if (!room.startsWith('services/') || !restricted || restricted.places.test(path)) return null;
    return { rule: 'packages', detail: `${name} belongs to ${restricted.owner}` };
  }

  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith('..')) return { rule: 'rooms', detail: `${specifier} leaves the repository` };
  if (room === 'services/dashboard' && wireTypes.test(target)) {
    return typeOnly
      ? null
      : { rule: 'types', detail: `the dashboard takes ${target} as types only: write import type` };
  }
  if (!composesRooms.test(room) && compositionRoots.test(target))
    return { rule: 'mains', detail: `${target} is a composition root, imported by nobody` };
  const allowed = [room, ...(roomImports[room] ?? [])];
  if (allowed.some((place) => isWithin(target, place))) return null;
  return {
    rule: 'rooms',
    detail: `${room} may not import ${target}; it may import ${allowed.slice(1).join(', ') || 'only itself'}`,
  };
}

function fileFindings(file: SourceFile): Finding[] {
  const at = (start: number, rule: string, detail: string): Finding => {
    return { file: file.path, line: lineAt(file.text, start), rule, detail };
  };
  const room = roomOf(file.path);
  if (room === null) return [at(0, 'rooms', 'this folder is no room; add it to infra/checks/imports.ts')];
  if (file.errors.length > 0) return [at(0, 'syntax', file.errors.join('; '))];
  const findings = importsOf(file.program).flatMap((wanted) => {
    const finding = importFinding(file.path, room, wanted);
    return finding === null ? [] : [at(wanted.start, finding.rule, finding.detail)];
  });
  if (!room.startsWith('services')) return findings;
  for (const comment of file.comments) {
    if (/^\/\s*<reference\s/.test(comment.value))
      findings.push(at(comment.start, 'literal', 'import instead of a reference comment'));
  }
  if (room === 'services/runtime' || room === 'services/dashboard') return findings;
  return [...findings, ...surroundingsFindings(file)];
}

/** Every breach of the import rule under `root`, by file and line. */
export function importFindings(root: string): Finding[] {
  return sourcePaths(root, ['services', 'infra', 'test'])
    .flatMap((path) => fileFindings(parseSource(path, readFileSync(join(root, path), 'utf8'))))
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
