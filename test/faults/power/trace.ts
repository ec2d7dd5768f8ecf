// What a process did to files, read from strace: writes, syncs, and what it said in between, in the order of the kernel.
export type DiskEvent =
  /** `isDurable`: the file was opened so that a write returns when the disk has it. */
  | {
      readonly kind: 'write';
      readonly file: string;
      readonly at: number;
      readonly bytes: Buffer;
      readonly isDurable: boolean;
    }
  /** Of the events before `began` the file's writes are on the disk now. */
  | { readonly kind: 'sync'; readonly file: string; readonly began: number }
  | { readonly kind: 'said'; readonly text: string };

/** A slow disk, so that whoever does not wait for it is seen. */
const syncMicroseconds = 5_000;

/** What strace is to write down, in which form, and where to. */
export function straceArgs(traceFile: string): readonly string[] {
  const calls = 'openat,lseek,write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,mmap';
  return [
    ...['-f', '--seccomp-bpf', '-y', '-xx', '-s', '4000000', '-o', traceFile],
    ...['-e', `trace=${calls}`, '-e', 'signal=none', '-e', `inject=fsync,fdatasync:delay_enter=${syncMicroseconds}`],
  ];
}

type Call = { readonly name: string; readonly args: string; readonly began: number };

/** `isWatched` chooses files by their path; standard output is what was said. */
export function eventsOf(trace: string, isWatched: (file: string) => boolean): readonly DiskEvent[] {
  const events: DiskEvent[] = [];
  const unfinished = new Map<string, Call>();
  const durable = new Set<string>();
  const seeked = new Map<string, number>();

  const take = ({ name, args, began }: Call, result: number) => {
    if (result < 0) return;
    const opened = /^AT_FDCWD[^"]*"([^"]*)", ([A-Z_|]+)/.exec(args);
    if (name === 'openat') {
      if (opened === null || !isWatched(textOf(opened[1]))) return;
      const place = `${result}<${opened[1]}>`;
      if (/O_D?SYNC/.test(opened[2] ?? '')) durable.add(place);
      else durable.delete(place);
      return;
    }
    const [, place = '', number = '', path = ''] = /^((\d+)<([^>]*)>)/.exec(args) ?? [];
    const file = textOf(path);
    if (name === 'write' && number === '1') {
      events.push({ kind: 'said', text: bytesIn(args).toString() });
      return;
    }
    if (!isWatched(file)) return;
    if (name === 'lseek') seeked.set(place, result);
    else if (name === 'fsync' || name === 'fdatasync') events.push({ kind: 'sync', file, began });
    else if (/^p?write/.test(name)) {
      const offset = name.startsWith('p')
        ? Number(/, (\d+)(, RWF_[A-Z_|]+)?$/.exec(args)?.[1])
        : (seeked.get(place) ?? 0);
      const bytes = bytesIn(args).subarray(0, result);
      if (bytes.length !== result || Number.isNaN(offset))
        throw new Error(`strace left something out: ${args.slice(0, 200)}`);
      if (!name.startsWith('p')) seeked.set(place, offset + result);
      events.push({ kind: 'write', file, at: offset, bytes, isDurable: durable.has(place) });
    } else if (name === 'mmap' && args.includes('PROT_WRITE') && args.includes('MAP_SHARED')) {
      throw new Error(`${file} is written through memory, which a trace does not show`);
    }
  };

  for (const line of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)\) += (-?\d+)/.exec(rest);
    const begun = unfinished.get(thread);
    if (resumed !== null && begun !== undefined) {
      unfinished.delete(thread);
      take({ ...begun, args: begun.args + resumed[1] }, Number(resumed[2]));
      continue;
    }
    const call = /^(\w+)\((.*?)(?:\) += (-?\d+|0x[0-9a-f]+)(?:[ <].*)?| <unfinished \.\.\.>)$/.exec(rest);
    if (call === null) continue;
    const [, name = '', args = '', result] = call;
    const one = { name, args, began: events.length };
    if (result === undefined) unfinished.set(thread, one);
    else take(one, Number(result));
  }
  return events;
}

/** Every string of a call's arguments, one behind the other. */
function bytesIn(args: string): Buffer {
  return Buffer.concat([...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => bytesOf(hex)));
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

function textOf(text = ''): string {
  return text.startsWith('\\x') ? bytesOf(text).toString() : text;
}
