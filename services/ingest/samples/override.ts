// Changes one place in a sample's body, named by a path as `data.events.0.actor.id`, and says what there is if it is not there.
import { OperatingError } from '../../runtime/errors.ts';
import { nearest } from '../../runtime/nearest.ts';
import { isObject } from '../providers/look.ts';

export type Override = {
  /** Member names and places in arrays, with dots between them. JSON within a text is gone into. */
  readonly path: string;
  readonly value: unknown;
  /** May be a member that is not there yet. */
  readonly adds: boolean;
};

/** Reads `path=value`. The value is JSON where it can be, else text. */
export function readOverride(text: string, adds: boolean): Override {
  const sign = text.indexOf('=');
  if (sign < 1)
    throw new OperatingError('usage', `"${text}" is no override: write path=value, as data.user_id=client-2.`);
  return { path: text.slice(0, sign), value: jsonOrText(text.slice(sign + 1)), adds };
}

/** What the text means as JSON, or the text. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Throws usage for a path that the body does not have. */
export function overridden(body: unknown, override: Override): unknown {
  const names = override.path.split('.');
  // A batch of one is gone into without saying so.
  const whole = Array.isArray(body) && body.length === 1 && !/^\d+$/.test(names[0] ?? '') ? ['0', ...names] : names;
  return replaced(body, whole, override, []);
}

function replaced(value: unknown, names: readonly string[], override: Override, above: readonly string[]): unknown {
  const [name, ...rest] = names;
  if (name === undefined) return override.value;
  if (typeof value === 'string')
    return JSON.stringify(replaced(insideOf(value, override, above), names, override, above));
  const known = Array.isArray(value)
    ? value.map((_, index) => String(index))
    : isObject(value)
      ? Object.keys(value)
      : [];
  const isNew = !known.includes(name);
  if (isNew && !(override.adds && rest.length === 0 && isObject(value))) throw missing(override, above, name, known);
  const next = [...above, name];
  if (Array.isArray(value)) {
    return value.map((one, index) => (String(index) === name ? replaced(one, rest, override, next) : one));
  }
  const members = isObject(value) ? value : {};
  return { ...members, [name]: replaced(members[name], rest, override, next) };
}

/** Some providers put JSON into a text of their JSON. */
function insideOf(text: string, override: Override, above: readonly string[]): unknown {
  const inside = jsonOrText(text);
  if (typeof inside === 'object' && inside !== null) return inside;
  throw new OperatingError('usage', `${override.path}: ${above.join('.')} is a text, with nothing inside.`);
}

function missing(override: Override, above: readonly string[], name: string, known: readonly string[]): OperatingError {
  const where = above.length === 0 ? 'the body' : above.join('.');
  const hint = known.length > 0 ? `; perhaps ${nearest(name, known)}. It has ${known.join(', ')}` : '';
  const add = override.adds ? '' : '. A member that is not there yet is added with --add';
  return new OperatingError('usage', `${override.path}: ${where} has no ${name}${hint}${add}.`);
}
