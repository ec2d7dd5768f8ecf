// An order: small numbers (members) in the order of the texts that they stand for, each with a rank. A rank leaves room
// beside it, so that it stays as it is when others come, go or change: a renamed client moves nobody else.
import { lowerBound } from './lower-bound.ts';
import { nextTurn, sortInTurns } from './turns.ts';

/** Ranks are whole and below this, so that half a rank is exact too. */
const rankEnd = 2 ** 52;
/** Of them so many are given out at first; the rest is for what comes at the end, as new ids do. */
const firstRankEnd = 2 ** 51;
/** Members put into their places, and members copied or ranked, in one go: about two milliseconds each. */
const putMax = 2_048;
const passMax = 65_536;

/** Instead of a rank: of a member that stands for no text, and of one that waits for its first place. */
const unranked = -1;
const isNew = -2;

export type Compare = (one: number, other: number) => number;

export type OrderParts = {
  /** By text alone; of two members that stand for equal texts neither comes first. */
  readonly compare: Compare;
  /** Whether the member stands for a text. */
  readonly has: (member: number) => boolean;
  /** A faster way to compare many of them, if there is one. */
  readonly prepare?: (members: readonly number[]) => Promise<Compare>;
};

export type Order = {
  /** The member stands for another text, or for none: it gets its place when the order is settled. */
  change(member: number): void;
  /** Puts what changed into its place; yields to others while it works. */
  settle(): Promise<void>;
  /** By member; equal texts rank alike, a member without a text has less than 0. Call settle first. */
  ranks(): Float64Array;
  /** The members that stand for a text, in its order; until the next settling. Call settle first. */
  sorted(): Int32Array;
  /** Another number once any rank changed of a member that did not. */
  stamp(): number;
  /**
   * The rank of a text, or half a rank below the next one when no member stands for it. `compareTo` is below 0 for members
   * that come before it, 0 for those that stand for it. Call settle first.
   */
  rankOf(compareTo: (member: number) => number): number;
  /** Members run from 0 up to `end`, exclusive; those beyond are forgotten. */
  resize(end: number): void;
  /** Of memory. */
  bytes(): number;
};

export function createOrder({ compare, has, prepare }: OrderParts): Order {
  let ranks = new Float64Array(0);
  let sorted = new Int32Array(0);
  /** Members that changed since the last settling, each once. Until then their rank says where they stood, see `rankWas`. */
  let changed: number[] = [];
  let stamp = 0;

  const rankOfMember = (member: number) => ranks[member] ?? unranked;
  /** Where a member stands in `sorted`, whether it has changed or not. */
  const rankWas = (member: number) => {
    const rank = rankOfMember(member);
    return rank < isNew ? isNew - 1 - rank : rank;
  };
  const byPlace = (byText: Compare) => (one: number, other: number) => byText(one, other) || one - other;
  const inOrder = byPlace(compare);

  const change = (member: number): void => {
    const rank = rankOfMember(member);
    if (rank <= isNew) return;
    changed.push(member);
    ranks[member] = rank === unranked ? isNew : isNew - 1 - rank;
  };

  const settle = async (): Promise<void> => {
    if (changed.length === 0) return;
    const compareMany = prepare === undefined ? compare : await prepare(changed);
    const fresh = await sortInTurns(changed.filter(has), byPlace(compareMany));
    const stayed = await withoutChanged();
    for (const member of changed) ranks[member] = unranked;
    changed = [];
    const hasRoom = stayed.length > 0 && (await putIn(stayed, fresh));
    if (stayed.length === 0) sorted = fresh;
    if (!hasRoom) await rankAll();
  };

  const withoutChanged = async (): Promise<Int32Array<ArrayBuffer>> => {
    const places: number[] = [];
    for (const member of changed) {
      const rank = rankWas(member);
      if (rank < 0) continue;
      if (places.length % putMax === putMax - 1) await nextTurn();
      places.push(lowerBound(sorted, (other) => (rankWas(other) - rank || other - member) < 0));
    }
    if (places.length === 0) return sorted;
    const leaving = await sortInTurns(places, (one, other) => one - other);
    const stayed = new Int32Array(sorted.length - places.length);
    let from = 0;
    let to = 0;
    for (const place of leaving) {
      stayed.set(sorted.subarray(from, place), to);
      to += place - from;
      from = place + 1;
    }
    stayed.set(sorted.subarray(from), to);
    return stayed;
  };

  /** Merges two sorted runs, and ranks what is fresh. False when there was no room for it somewhere. */
  const putIn = async (stayed: Int32Array<ArrayBuffer>, fresh: Int32Array<ArrayBuffer>): Promise<boolean> => {
    const merged = new Int32Array(stayed.length + fresh.length);
    let hasRoom = true;
    let from = 0;
    let put = 0;
    while (put < fresh.length) {
      const first = fresh[put] ?? 0;
      const until = lowerBound(stayed, (other) => inOrder(other, first) < 0, from);
      const next = stayed[until];
      let end = put + 1;
      while (end < fresh.length && (next === undefined || inOrder(fresh[end] ?? 0, next) < 0)) {
        if (end % putMax === 0) await nextTurn();
        end += 1;
      }
      const before = until === 0 ? undefined : stayed[until - 1];
      if (!rankBetween(before, fresh.subarray(put, end), next)) hasRoom = false;
      merged.set(stayed.subarray(from, until), from + put);
      merged.set(fresh.subarray(put, end), until + put);
      if (Math.floor(put / putMax) !== Math.floor(end / putMax)) await nextTurn();
      from = until;
      put = end;
    }
    merged.set(stayed.subarray(from), from + put);
    sorted = merged;
    return hasRoom;
  };

  /** Spreads sorted members evenly between two that are ranked. */
  const rankBetween = (before: number | undefined, members: Int32Array, next: number | undefined): boolean => {
    const steps: number[] = [];
    let last = before;
    let step = 0;
    for (const member of members) {
      if (last === undefined || compare(last, member) !== 0) step += 1;
      steps.push(step);
      last = member;
    }
    const low = before === undefined ? 0 : rankOfMember(before);
    // The last of them may stand for the text of the next.
    const isNext = step > 0 && next !== undefined && last !== undefined && compare(last, next) === 0;
    const between = isNext ? step - 1 : step;
    const widthBehind = Math.floor(firstRankEnd / (sorted.length + 1));
    const high = next === undefined ? Math.min(rankEnd, low + (between + 1) * widthBehind) : rankOfMember(next);
    const width = Math.floor((high - low) / (between + 1));
    if (between > 0 && width < 1) return false;
    members.forEach((member, index) => {
      const own = steps[index] ?? 0;
      ranks[member] = isNext && own === step ? high : low + own * width;
    });
    return true;
  };

  /** Ranks all of them anew, evenly. Those that are ranked alike still are. */
  const rankAll = async (): Promise<void> => {
    stamp += 1;
    const width = Math.floor(firstRankEnd / (sorted.length + 1));
    let before = -1;
    let beforeWas = unranked;
    let rank = 0;
    for (let place = 0; place < sorted.length; place += 1) {
      if (place % passMax === passMax - 1) await nextTurn();
      const member = sorted[place] ?? 0;
      const was = rankOfMember(member);
      const isAlike = before >= 0 && (was >= 0 && beforeWas >= 0 ? was === beforeWas : compare(before, member) === 0);
      if (!isAlike) rank += width;
      ranks[member] = rank;
      before = member;
      beforeWas = was;
    }
  };

  return {
    change,
    settle,
    ranks: () => ranks,
    sorted: () => sorted,
    stamp: () => stamp,
    rankOf: (compareTo) => {
      const place = lowerBound(sorted, (member) => compareTo(member) < 0);
      const found = sorted[place];
      if (found !== undefined) return compareTo(found) === 0 ? rankOfMember(found) : rankOfMember(found) - 0.5;
      const last = sorted[place - 1];
      return last === undefined ? 0 : rankOfMember(last) + 0.5;
    },
    resize: (end) => {
      const other = new Float64Array(end).fill(unranked);
      other.set(ranks.subarray(0, end));
      ranks = other;
    },
    bytes: () => ranks.byteLength + sorted.byteLength,
  };
}
