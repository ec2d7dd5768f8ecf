// Auth0 log streams: logins, silent ones told apart, and token exchanges in which somebody acts as the user.
import { readWhen } from './instant.ts';
import { at, flatFields, isObject, listAt, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, ipOf, unusable } from './made.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const auth0: Provider = {
  name: 'auth0',
  title: 'Auth0',
  documentation: 'https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes',
  map: (arrival) => entriesOf(arrival.body).map((entry) => mapOne(entry, arrival)),
};

/** A batch as an array, or as older extensions have it in `logs`; else one entry. */
function entriesOf(body: unknown): readonly unknown[] {
  const batch = Array.isArray(body) ? body : listAt(body, 'logs');
  return batch.length > 0 ? batch : [body];
}

/** `exchange` gives tokens without anybody signing in: a login by nobody, unless an actor stands behind it. */
type Meaning = 'success' | 'silent' | 'failure' | 'exchange';

/** By code of the log's type; the others say nothing about whether the client was there. */
const meanings: ReadonlyMap<string, { readonly meaning: Meaning; readonly says: string }> = new Map([
  ['s', { meaning: 'success', says: 'a successful login' }],
  ['scoa', { meaning: 'success', says: 'a successful cross-origin login' }],
  ['sens', { meaning: 'success', says: 'a successful native social login' }],
  ['sepft', { meaning: 'success', says: 'a password exchanged for tokens' }],
  ['sepotpft', { meaning: 'success', says: 'a one-time code exchanged for tokens' }],
  ['seotpft', { meaning: 'success', says: 'password and one-time code exchanged for tokens' }],
  ['seoobft', { meaning: 'success', says: 'password and second channel exchanged for tokens' }],
  ['sercft', { meaning: 'success', says: 'password and recovery code exchanged for tokens' }],
  ['spkpft', { meaning: 'success', says: 'a passkey exchanged for tokens' }],
  ['ssa', { meaning: 'silent', says: 'a silent sign-on of a running session' }],
  ['secte', { meaning: 'exchange', says: 'a custom token exchange' }],
  ['success_on_behalf_of_token_exchange', { meaning: 'exchange', says: 'an exchange on behalf of the user' }],
  ['f', { meaning: 'failure', says: 'a failed login' }],
  ['fp', { meaning: 'failure', says: 'a wrong password' }],
  ['fu', { meaning: 'failure', says: 'an unknown user' }],
  ['fc', { meaning: 'failure', says: 'a failed login by a connector' }],
  ['fcoa', { meaning: 'failure', says: 'a failed cross-origin login' }],
  ['fens', { meaning: 'failure', says: 'a failed native social login' }],
  ['fepft', { meaning: 'failure', says: 'a password that gave no tokens' }],
  ['fepotpft', { meaning: 'failure', says: 'a one-time code that gave no tokens' }],
  ['feotpft', { meaning: 'failure', says: 'password and one-time code that gave no tokens' }],
  ['feoobft', { meaning: 'failure', says: 'password and second channel that gave no tokens' }],
  ['fercft', { meaning: 'failure', says: 'password and recovery code that gave no tokens' }],
]);

function mapOne(entry: unknown, arrival: Arrival): Mapped {
  const log = logOf(entry);
  const type = textAt(log, 'type');
  if (type === null) return unusable('data.type', 'missing');
  const known = meanings.get(type);
  if (known === undefined) return ignored(`type ${shown(type)}: no login`);
  const { meaning, says } = known;
  const when = readWhen('data.date', at(log, 'date'), arrival);
  if (when.kind === 'unusable') return when;

  const subject = subjectOf(log);
  const given = textAt(entry, 'log_id') ?? textAt(log, 'log_id') ?? textAt(log, '_id');
  const eventId =
    given === null
      ? hashId('auth0', type, textAt(log, 'date'), subject.userId, textAt(log, 'details', 'session_id'))
      : idOf(given);
  const session = textAt(log, 'details', 'session_id') ?? textAt(log, 'session_id');
  const actors = meaning === 'exchange' ? actorsOf(at(log, 'details', 'actor') ?? at(log, 'details', 'act')) : [];
  const silent = meaning === 'silent' || meaning === 'exchange' || (type === 's' && promptedNobody(log));
  const warnings = [...when.warnings];
  const agent = textAt(log, 'user_agent');
  return event(
    {
      topic: 'login',
      event: {
        eventId,
        occurredAt: when.occurredAt,
        // An entry without a session is one of its own.
        sessionId: session === null ? hashId('auth0-session', eventId) : idOf(session),
        outcome: meaning === 'failure' ? 'failure' : 'success',
        interactive: !silent,
        userAgent: agent === 'unknown' ? null : agent,
        ip: ipOf('data.ip', at(log, 'ip'), warnings),
        ...(actors.length === 0 ? {} : { impersonatedBy: { id: actors[0] || null } }),
      },
    },
    subject,
    `type ${type}: ${says}${because(meaning, silent, actors)}`,
    warnings,
  );
}

function because(meaning: Meaning, silent: boolean, actors: readonly string[]): string {
  if (actors.length > 0)
    return `; details.actor: ${actors.length === 1 ? 'somebody acts' : 'a chain acts'} as the user`;
  if (meaning === 'success' && silent) return '; details.prompts is empty: a running session was used again';
  return '';
}

/** An entry as log streams wrap it, as EventBridge wraps that once more, or bare as the Management API gives it. */
function logOf(entry: unknown): unknown {
  const wrapped = at(entry, 'detail', 'data') ?? at(entry, 'data');
  return isObject(wrapped) ? wrapped : entry;
}

/** Nobody was asked for anything. Without the list it is not known, and then somebody was. */
function promptedNobody(log: unknown): boolean {
  const prompts = at(log, 'details', 'prompts');
  return Array.isArray(prompts) && prompts.length === 0;
}

/** RFC 8693 nests whom an actor acts for: the outermost is who acts now. Auth0 allows five; beyond ten it is made up. */
const actorsMax = 10;

function actorsOf(outermost: unknown): readonly string[] {
  const actors: string[] = [];
  for (let actor = outermost; isObject(actor) && actors.length < actorsMax; actor = at(actor, 'act')) {
    actors.push(textAt(actor, 'sub') ?? textAt(actor, 'client_id') ?? '');
  }
  return actors;
}

const fieldNames = [
  ...['tenant_name', 'hostname', 'environment_name', 'organization_id', 'organization_name'],
  ...['connection', 'connection_id', 'strategy', 'user_name'],
];

function subjectOf(log: unknown): Subject {
  const fields = Object.fromEntries(fieldNames.map((name) => [name, at(log, name)]));
  // To Auth0 a client is an application: under its own name it would be taken for the firm's client.
  const application = { application_id: at(log, 'client_id'), application_name: at(log, 'client_name') };
  const email = addressOf(at(log, 'user_name'));
  return { userId: textAt(log, 'user_id'), email, fields: flatFields({ ...fields, ...application }) };
}

/** A type as a code is written; anything else is not repeated. */
function shown(type: string): string {
  return /^[a-z_]{1,64}$/.test(type) ? type : 'not known here';
}
