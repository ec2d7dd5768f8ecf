// A process in a simulated world: it can die, be stopped for a while, or be cut off; and what it asks of a server arrives
// late, torn, twice over, or not at all.
import type { Clock } from '../../../services/runtime/clock.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';
import type { World } from './world.ts';

export type Server = 'log' | 'store';

/** Shares of requests: refused before they did anything, done but unanswered, done in part, done after they were given up. */
export type Weather = {
  readonly refused: number;
  readonly unanswered: number;
  readonly torn: number;
  readonly belated: number;
};

export const calm: Weather = { refused: 0, unanswered: 0, torn: 0, belated: 0 };

/** How long a client waits for an answer that does not come. */
const timeoutMs = 3_000;
/** A request that was given up may still arrive so much later. */
const belatedMsMax = 20_000;

export class Actor {
  readonly name: string;
  weather: Weather = calm;
  private readonly world: World;
  private diedAt: number | null = null;
  private stoppedAt = 0;
  private stoppedUntil = 0;
  private readonly cutAt: Record<Server, number> = { log: 0, store: 0 };
  private readonly cutUntil: Record<Server, number> = { log: 0, store: 0 };

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  die(): void {
    this.diedAt = this.world.now;
  }

  isDead(): boolean {
    return this.diedAt !== null;
  }

  /** Neither dead, nor stopped, nor cut off. */
  isWell(): boolean {
    const { now } = this.world;
    return !this.isDead() && now >= Math.max(this.stoppedUntil, this.cutUntil.log, this.cutUntil.store);
  }

  stopFor(ms: number): void {
    this.stoppedAt = this.world.now;
    this.stoppedUntil = this.world.now + ms;
  }

  cutFor(server: Server, ms: number): void {
    this.cutAt[server] = this.world.now;
    this.cutUntil[server] = this.world.now + ms;
  }

  /** How long the log has heard nothing of it, ms. */
  silentMs(): number {
    const { now } = this.world;
    if (this.diedAt !== null) return now - this.diedAt;
    const stopped = now < this.stoppedUntil ? now - this.stoppedAt : 0;
    const cut = now < this.cutUntil.log ? now - this.cutAt.log : 0;
    return Math.max(stopped, cut);
  }

  readonly clock: Clock = {
    // Whole milliseconds, as clocks give them.
    now: () => Math.floor(this.world.now),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = () => {
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        signal?.addEventListener('abort', wake);
        this.world.schedule(Math.max(0, ms), () => this.whenAwake(wake));
      }),
  };

  /**
   * Asks a server for something: `effects` one after the other, then `answer`. Rejects (retryable) when the answer does
   * not come; some, all or none of the effects have then taken place, or will.
   */
  call<Answer>(server: Server, effects: readonly (() => void)[], answer: () => Answer): Promise<Answer> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      // Drawn at once, so that the weather of one request does not hang on when others are sent.
      const luck = world.chance();
      const arrive = () => {
        // A request of a process that has died may have been sent before, or not.
        if (this.diedAt !== null && luck < 0.5) return;
        if (world.now < this.cutUntil[server]) return this.fail(server, timeoutMs, reject);
        const { refused, unanswered, torn, belated } = this.weather;
        if (luck < refused) return this.fail(server, world.latency(), reject);
        if (luck < refused + belated) {
          world.belated += 1;
          world.schedule(timeoutMs + world.chance() * belatedMsMax, () => {
            world.belated -= 1;
            run(effects);
          });
          return this.fail(server, timeoutMs, reject);
        }
        if (luck < refused + belated + torn) {
          run(effects.slice(0, world.below(effects.length + 1)));
          return this.fail(server, world.latency(), reject);
        }
        run(effects);
        if (luck < refused + belated + torn + unanswered) return this.fail(server, timeoutMs, reject);
        try {
          const answered = answer();
          world.schedule(world.latency(), () => this.whenAwake(() => resolve(answered)));
        } catch (error) {
          world.schedule(world.latency(), () => this.whenAwake(() => reject(error)));
        }
      };
      world.schedule(world.latency(), arrive);
    });
  }

  private fail(server: Server, inMs: number, reject: (error: Error) => void): void {
    const code = server === 'log' ? 'log_unreachable' : 'store_unreachable';
    const error = new OperatingError(code, `the ${server} did not answer`, { retryable: true });
    this.world.schedule(inMs, () => this.whenAwake(() => reject(error)));
  }

  /** Runs once the process can: at once, when it is let go on, or never. */
  private whenAwake(run: () => void): void {
    if (this.diedAt !== null) return;
    const { now } = this.world;
    if (now >= this.stoppedUntil) run();
    else this.world.schedule(this.stoppedUntil - now + this.world.chance(), () => this.whenAwake(run));
  }
}

function run(effects: readonly (() => void)[]): void {
  for (const effect of effects) effect();
}
