// On which days each client of a scan logged in, and how often: two bytes a day with a login, one array for all.
import { type DayRun, eachQuarter } from '../core/derive/days.ts';
import type { Frame } from '../core/derive/frame.ts';
import { loginsRememberedFrom } from '../core/derive/memory.ts';
import type { SignalsGlance } from '../core/views/signals/glance.ts';

/** An entry is a day of the run and a count; what does not fit takes another entry of that day right behind. */
const countBits = 7;
const countMax = (1 << countBits) - 1;

export class LoginDays {
  private readonly run: DayRun;
  private entries = new Uint16Array(4_096);
  private length = 0;
  /** Where the entries of each client end. */
  private ends = new Uint32Array(1_024);
  private clients = 0;
  /** Of one client at a time: logins by day, and the days that have some. */
  private readonly logins: Uint32Array;
  private readonly touched: number[] = [];
  /** Days before this instant (epoch ms) may lack logins that were forgotten. */
  rememberedFrom = 0;

  constructor(run: DayRun) {
    this.run = run;
    this.logins = new Uint32Array(run.days);
  }

  /** Takes the next client in. */
  add(glance: SignalsGlance, frame: Frame): void {
    const { run, logins, touched } = this;
    eachQuarter(glance.logins, frame, run.from, (quarter, count) => {
      const day = run.dayOf(quarter);
      const before = logins[day] ?? 0;
      if (before === 0) touched.push(day);
      logins[day] = before + count;
    });
    for (const day of touched) {
      for (let left = logins[day] ?? 0; left > 0; left -= countMax) this.push(day, Math.min(left, countMax));
      logins[day] = 0;
    }
    touched.length = 0;
    this.rememberedFrom = Math.max(this.rememberedFrom, loginsRememberedFrom(glance.logins));
    if (this.clients === this.ends.length) this.ends = grown(this.ends, new Uint32Array(this.ends.length * 2));
    this.ends[this.clients] = this.length;
    this.clients += 1;
  }

  /** Gives the days of the client at that place, each once or more with the count to add, in no order. */
  of(client: number, take: (day: number, logins: number, isFirst: boolean) => void): void {
    const end = this.ends[client] ?? 0;
    let before = -1;
    for (let index = client === 0 ? 0 : (this.ends[client - 1] ?? 0); index < end; index += 1) {
      const entry = this.entries[index] ?? 0;
      const day = entry >>> countBits;
      take(day, entry & countMax, day !== before);
      before = day;
    }
  }

  private push(day: number, count: number): void {
    if (this.length === this.entries.length) {
      this.entries = grown(this.entries, new Uint16Array(this.entries.length * 2));
    }
    this.entries[this.length] = (day << countBits) | count;
    this.length += 1;
  }
}

function grown<Column extends Uint16Array | Uint32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
