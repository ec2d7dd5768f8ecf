// The disk as a power cut leaves it: what was synced, and of the rest whatever chance says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DiskEvent } from './trace.ts';

/** Side by side in the writer. */
export const lanes = ['a', 'b', 'c'];

/** What the writer says when it was acknowledged. */
export type Said =
  | { readonly kind: 'appended'; readonly id: string }
  | { readonly kind: 'saved'; readonly version: number }
  | { readonly kind: 'noted'; readonly id: string; readonly version: number }
  | { readonly kind: 'committed'; readonly next: number };

type Write = Extract<DiskEvent, { kind: 'write' }>;

/** Pages of a file reach the disk one by one. */
const pageBytes = 4_096;

/**
 * Writes every file as the disk holds it when the power goes after the first `until` events, under the path that `placed`
 * gives it. `survives` says of each page that was written and not synced whether it got there.
 */
export function cutPower(
  events: readonly DiskEvent[],
  until: number,
  survives: () => boolean,
  placed: (file: string) => string,
): void {
  const onDisk = new Map<string, Buffer>();
  const unsynced: { readonly index: number; readonly write: Write }[] = [];
  const apply = ({ file, at, bytes }: Write) => {
    const before = onDisk.get(file) ?? Buffer.alloc(0);
    const image =
      before.length >= at + bytes.length
        ? before
        : Buffer.concat([before, Buffer.alloc(at + bytes.length - before.length)]);
    bytes.copy(image, at);
    onDisk.set(file, image);
  };
  events.slice(0, until).forEach((event, index) => {
    if (event.kind === 'write' && event.isDurable) apply(event);
    else if (event.kind === 'write') unsynced.push({ index, write: event });
    else if (event.kind === 'sync') {
      for (const one of unsynced.splice(0)) {
        if (one.write.file === event.file && one.index < event.began) apply(one.write);
        else unsynced.push(one);
      }
    }
  });
  for (const { write } of unsynced) for (const page of pagesOf(write)) if (survives()) apply(page);
  for (const [file, image] of onDisk) {
    mkdirSync(dirname(placed(file)), { recursive: true });
    writeFileSync(placed(file), image);
  }
}

function pagesOf(write: Write): readonly Write[] {
  const count = Math.ceil(write.bytes.length / pageBytes);
  return Array.from({ length: count }, (_, number) => {
    const from = number * pageBytes;
    return { ...write, at: write.at + from, bytes: write.bytes.subarray(from, from + pageBytes) };
  });
}
