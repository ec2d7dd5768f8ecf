// The reference page: the contract for people to read. One page of plain HTML made from the OpenAPI document, without a
// script, a font or anything else from elsewhere; the browser's own search finds everything in it.
import { createHash } from 'node:crypto';
import type { Contract, JsonSchema, Operation, Parameter, Response } from './openapi.ts';
import { problemCodes } from './problem.ts';

export type ReferencePage = {
  readonly html: string;
  /** Allows the page's own style and nothing else. */
  readonly contentSecurityPolicy: string;
};

/** Deeper objects have a name and a place of their own. */
const nestedMax = 6;

export function referencePage(contract: Contract): ReferencePage {
  const hash = createHash('sha256').update(style).digest('base64');
  const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = contract.tags.map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>signalfold: reference</title>
<style>${style}</style>
</head>
<body>
<nav aria-label="Contents">
<p class="brand">signalfold <small>${escaped(contract.info.version)}</small></p>
${groups.map(({ name, operations: some }) => `<h2>${escaped(name)}</h2><ul>${some.map(linkTo).join('')}</ul>`).join('\n')}
<h2>More</h2><ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li>
<li><a href="/openapi.json">openapi.json</a></li></ul>
</nav>
<main>
<h1>Reference</h1>
<p class="lead">${inline(contract.info.description)}</p>
${groups.map((group) => groupHtml(group, contract.components.responses)).join('\n')}
<h2 id="problems">Problems</h2>
<p>Every error has this shape: <a href="#schema-Problem">Problem</a>. Its <code>code</code> never changes.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>
${Object.entries(problemCodes)
  .map(([code, { status, title }]) => row([`<code>${code}</code>`, String(status), escaped(title)]))
  .join('\n')}
</tbody></table>
<h2 id="schemas">Schemas</h2>
${Object.entries(contract.components.schemas)
  .map(([name, schema]) => schemaSection(name, schema))
  .join('\n')}
</main>
</body>
</html>
`;
  const policy = ["default-src 'none'", `style-src 'sha256-${hash}'`, "base-uri 'none'", "form-action 'none'"];
  return { html, contentSecurityPolicy: [...policy, "frame-ancestors 'none'"].join('; ') };
}

type Placed = { readonly path: string; readonly method: string; readonly operation: Operation };

function linkTo({ operation }: Placed): string {
  return `<li><a href="#${escaped(operation.operationId)}">${escaped(operation.summary)}</a></li>`;
}

type Shared = Contract['components']['responses'];
type Group = { readonly name: string; readonly description: string; readonly operations: readonly Placed[] };

function groupHtml({ name, description, operations }: Group, shared: Shared): string {
  const sections = operations.map((operation) => operationHtml(operation, shared));
  return `<h2>${escaped(name)}</h2>\n<p>${escaped(description)}</p>\n${sections.join('\n')}`;
}

function operationHtml({ path, method, operation }: Placed, shared: Shared): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).flatMap(([status, answer]) => {
    const told = '$ref' in answer ? shared[nameOf(answer.$ref)] : answer;
    return told === undefined ? [] : [answerHtml(status, told)];
  });
  const parts = [
    `<h3>${escaped(summary)}</h3>`,
    `<p class="call"><b class="${escaped(method)}">${escaped(method.toUpperCase())}</b> <code>${escaped(path)}</code></p>`,
    description === undefined ? '' : `<p>${inline(description)}</p>`,
    parameters.length === 0 ? '' : `<h4>Parameters</h4><dl>${parameters.map(parameterHtml).join('')}</dl>`,
    requestBody === undefined ? '' : `<h4>Body</h4>${contentHtml(requestBody.content)}`,
    `<h4>Answers</h4>${answers.join('')}`,
  ];
  return `<section id="${escaped(operationId)}">${parts.join('\n')}</section>`;
}

function parameterHtml({ name, in: place, required, description, schema }: Parameter): string {
  const notes = `${typeHtml(schema)} <i>${place}${required ? ', required' : ''}</i>`;
  return `<dt><code>${escaped(name)}</code> ${notes}</dt><dd>${inline(description ?? textOf(schema, 'description'))}</dd>`;
}

function answerHtml(status: string, { description, content = {} }: Response): string {
  // Problems are told once, at the end.
  const own = Object.entries(content).filter(([type]) => type !== 'application/problem+json');
  return `<p><b>${escaped(status)}</b> ${inline(description)}</p>${contentHtml(Object.fromEntries(own))}`;
}

function contentHtml(content: Readonly<Record<string, { readonly schema: JsonSchema }>>): string {
  // The same events may be sent under several names.
  return Object.entries(content)
    .map(([type, { schema }]) => `<p><i>${escaped(type)}</i> ${typeHtml(schema)}</p>${propertiesHtml(schema, 0)}`)
    .join('');
}

function schemaSection(name: string, schema: JsonSchema): string {
  const note = textOf(schema, 'description');
  return `<section id="schema-${escaped(name)}"><h3>${escaped(name)}</h3><p>${inline(note)} ${typeHtml(schema)}</p>${propertiesHtml(schema, 0)}</section>`;
}

/** The fields of an object, of a list's items, and of each alternative. */
function propertiesHtml(schema: JsonSchema, depth: number): string {
  if (depth > nestedMax) return '';
  const parts = alternativesOf(schema).map((one) => captionHtml(one) + propertiesHtml(one, depth + 1));
  const items = schemaIn(schema, 'items');
  if (items !== null) parts.push(propertiesHtml(items, depth + 1));
  const required = schema['required'];
  const fields = Object.entries(schemaIn(schema, 'properties') ?? {}).map(([name, field]) => {
    const isRequired = Array.isArray(required) && required.includes(name);
    const one = isSchema(field) ? field : {};
    const notes = `${typeHtml(one)}${isRequired ? '' : ' <i>optional</i>'}`;
    const inside = propertiesHtml(one, depth + 1);
    return `<dt><code>${escaped(name)}</code> ${notes}</dt><dd>${inline(textOf(one, 'description'))}${inside}</dd>`;
  });
  if (fields.length > 0) parts.push(`<dl>${fields.join('')}</dl>`);
  return parts.join('');
}

/** What tells alternatives apart. */
function captionHtml(schema: JsonSchema): string {
  const title = textOf(schema, 'title');
  if (title === '') return '';
  return `<h4>${escaped(title)}</h4><p>${inline(textOf(schema, 'description'))}</p>`;
}

/** In a few words: what kind of value, and within which bounds. */
function typeHtml(schema: JsonSchema): string {
  const reference = textOf(schema, '$ref');
  if (reference !== '') return `<a href="#schema-${escaped(nameOf(reference))}">${escaped(nameOf(reference))}</a>`;
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeHtml))].join(' or ');
  const { enum: values } = schema;
  if ('const' in schema) return `<code>${escaped(JSON.stringify(schema['const']))}</code>`;
  const items = schemaIn(schema, 'items');
  const kind = Array.isArray(values)
    ? `one of ${values.map((value) => `<code>${escaped(String(value))}</code>`).join(' ')}`
    : items === null
      ? escaped([schema['type'] ?? 'anything'].flat().join(' or '))
      : `list of ${typeHtml(items)}`;
  const bounds = boundNames.flatMap(([name, word]) => {
    const bound = schema[name];
    const isPlain = typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
    return isPlain || typeof bound === 'string' ? [`${word} ${escaped(String(bound))}`] : [];
  });
  return [kind, ...bounds].join(', ');
}

const boundNames = [
  ['format', 'as'],
  ['minimum', 'from'],
  ['maximum', 'to'],
  ['minItems', 'at least'],
  ['maxItems', 'at most'],
  ['maxLength', 'characters up to'],
  ['default', 'otherwise'],
] as const;

function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf, oneOf } = schema;
  const given = Array.isArray(anyOf) ? anyOf : oneOf;
  return Array.isArray(given) ? given.filter(isSchema) : [];
}

function schemaIn(schema: JsonSchema, name: string): JsonSchema | null {
  const found = schema[name];
  return isSchema(found) ? found : null;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(schema: JsonSchema, name: string): string {
  const found = schema[name];
  return typeof found === 'string' ? found : '';
}

function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** Text with `code` in it. */
function inline(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const style = `
:root{color-scheme:light dark;--ink:light-dark(#1b2430,#dfe6ee);--soft:light-dark(#5b6776,#93a0af);
--page:light-dark(#fff,#11161d);--side:light-dark(#f5f7f9,#161c24);--line:light-dark(#dde3e9,#2a333f);
--link:light-dark(#0b5cad,#79b8ff);--mark:light-dark(#eef2f6,#1e2631)}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0;display:grid;grid-template-columns:17rem minmax(0,1fr);font:16px/1.55 system-ui,sans-serif;
color:var(--ink);background:var(--page)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1.25rem;background:var(--side);
border-right:1px solid var(--line);font-size:.9rem}
nav h2{margin:1.25rem 0 .25rem;font-size:.75rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);border:0;padding:0}
nav ul{list-style:none;margin:0;padding:0}nav li{margin:.15rem 0}
.brand{margin:0;font-weight:650;font-size:1.1rem}small{color:var(--soft);font-weight:400}
main{padding:2rem clamp(1rem,4vw,3.5rem);max-width:62rem}
h1{margin-top:0;font-size:2rem;line-height:1.2}.lead{font-size:1.05rem;color:var(--soft)}
h2{margin:3rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
section{margin:1.5rem 0;padding:1rem 1.25rem;border:1px solid var(--line);border-radius:.6rem}
section:target{border-color:var(--link);box-shadow:0 0 0 1px var(--link)}
h3{margin:0 0 .25rem;font-size:1.15rem}h4{margin:1.25rem 0 .25rem;font-size:.85rem;color:var(--soft)}
p{margin:.4rem 0}a{color:var(--link);text-decoration:none}a:hover,a:focus{text-decoration:underline}
code{font:.875em ui-monospace,monospace;background:var(--mark);padding:.1em .3em;border-radius:.25rem;overflow-wrap:anywhere}
i{font-style:normal;color:var(--soft);font-size:.85em}
.call b{display:inline-block;min-width:4.2rem;padding:.1rem .4rem;border-radius:.3rem;text-align:center;font-size:.75rem;
color:#fff;background:#3b6ea5}.call b.post{background:#2e7d4f}.call b.put{background:#9a6700}.call b.delete{background:#b3352f}
dl{margin:.25rem 0 .5rem;padding-left:.9rem;border-left:2px solid var(--line)}dt{margin-top:.35rem}dd{margin:0 0 0 .25rem;color:var(--soft)}
code{box-decoration-break:clone;-webkit-box-decoration-break:clone}td code{white-space:nowrap}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line);columns:2;column-gap:1.25rem}
.brand{column-span:all}nav h2{break-after:avoid}nav li{break-inside:avoid}th,td{padding:.35rem .3rem}table{font-size:.85rem}
section{padding:.9rem .9rem}}
@media print{nav{display:none}body{display:block}section{break-inside:avoid}}
`;
