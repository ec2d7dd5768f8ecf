// The shapes that go with the ratings, so that none is told by its colour alone: the dashboard's own marks, full, half, a ring, a
// dashed ring; and signs for what is no rating.

type Shape = { readonly ring?: true; readonly dashes?: true; readonly fill?: string; readonly line?: string };

/** In a square of 12. */
const shapes: Readonly<Record<string, Shape>> = {
  green: { fill: 'M6 .5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11z' },
  amber: { ring: true, fill: 'M6 1.5a4.5 4.5 0 0 1 0 9z' },
  red: { ring: true },
  none: { ring: true, dashes: true },
  unknown: { line: 'M4 4.2a2 2 0 1 1 2.8 1.8Q6 6.4 6 7.5M6 10v.1' },
  failed: { line: 'M2.5 2.5l7 7M9.5 2.5l-7 7' },
};
const ringLine = 'M6 1.25a4.75 4.75 0 1 1 0 9.5a4.75 4.75 0 1 1 0-9.5z';
const stroke = { fill: 'none', stroke: 'currentColor', 'stroke-width': '1.5' };

/** `kind`: a rating, or what there is in its place; further words do not change the shape. */
export function shapeOf(kind: string): SVGElement {
  const { ring = false, dashes = false, fill, line } = shapes[kind.split(' ', 1)[0] ?? ''] ?? {};
  const shape = drawn('svg', { part: 'icon', viewBox: '0 0 12 12', 'aria-hidden': 'true' });
  if (ring) shape.append(drawn('path', { ...stroke, d: ringLine, 'stroke-dasharray': dashes ? '2.2 1.53' : 'none' }));
  if (fill !== undefined) shape.append(drawn('path', { fill: 'currentColor', d: fill }));
  if (line !== undefined) shape.append(drawn('path', { ...stroke, d: line, 'stroke-linecap': 'round' }));
  return shape;
}

function drawn(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
