// Who is in the demo: firms, advisers, names of trees and rivers for the clients, devices, and how clients behave.
import type { Random } from './random.ts';

export type Firm = {
  readonly firmId: string;
  readonly timeZone: string;
  readonly clients: number;
  readonly advisers: readonly [Adviser, ...Adviser[]];
};

export type Adviser = { readonly id: string; readonly name: string };

export const firms: readonly [Firm, Firm, Firm] = [
  {
    firmId: 'harbour',
    timeZone: 'Europe/London',
    clients: 3000,
    advisers: [
      { id: 'adv-1', name: 'Adviser North' },
      { id: 'adv-2', name: 'Adviser South' },
      { id: 'adv-3', name: 'Adviser East' },
      { id: 'adv-4', name: 'Adviser West' },
    ],
  },
  {
    firmId: 'meadow',
    timeZone: 'Australia/Sydney',
    clients: 1500,
    advisers: [
      { id: 'adv-5', name: 'Adviser Spring' },
      { id: 'adv-6', name: 'Adviser Autumn' },
    ],
  },
  { firmId: 'summit', timeZone: 'America/New_York', clients: 500, advisers: [{ id: 'adv-7', name: 'Adviser Peak' }] },
];

export const firstNames: readonly [string, ...string[]] = [
  ...(['Ash', 'Hazel', 'Rowan', 'Ivy', 'Olive', 'Linden', 'Willow', 'Heather', 'Laurel', 'Basil'] as const),
  ...(['Bryony', 'Clover', 'Fern', 'Juniper', 'Myrtle', 'Reed', 'Rosemary', 'Sage', 'Érable', 'Jałowiec'] as const),
];

export const lastNames: readonly [string, ...string[]] = [
  ...(['Thames', 'Severn', 'Tyne', 'Tweed', 'Avon', 'Clyde', 'Dee', 'Mersey', 'Ouse', 'Trent', 'Wye', 'Spey'] as const),
  ...(['Łyna', 'Ørsta', 'Weiße', 'Sèvre', 'Añelo', "O'Shannon", 'Thames-Avon', 'von Elbe'] as const),
];

export const clientTypes = ['individual', 'individual', 'couple', 'trust', 'company'] as const;
export const channels = ['portal', 'sms', 'chat'] as const;

export const userAgents = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
] as const;

/** How a client behaves: days between logins while it logs in, and from how many days ago it no longer does. */
export type Habit = {
  readonly name: 'daily' | 'weekly' | 'monthly' | 'rare' | 'lapsed' | 'never' | 'outside';
  readonly share: number;
  readonly everyDays: number;
  readonly stoppedDaysAgo: number;
  readonly hasAccess: boolean;
  readonly written: boolean;
};

const habits: readonly [Habit, ...Habit[]] = [
  { name: 'daily', share: 0.03, everyDays: 1.5, stoppedDaysAgo: 0, hasAccess: true, written: true },
  { name: 'weekly', share: 0.14, everyDays: 8, stoppedDaysAgo: 0, hasAccess: true, written: true },
  { name: 'monthly', share: 0.31, everyDays: 30, stoppedDaysAgo: 0, hasAccess: true, written: true },
  { name: 'rare', share: 0.18, everyDays: 90, stoppedDaysAgo: 0, hasAccess: true, written: false },
  { name: 'lapsed', share: 0.16, everyDays: 20, stoppedDaysAgo: 100, hasAccess: true, written: false },
  { name: 'never', share: 0.08, everyDays: 0, stoppedDaysAgo: 0, hasAccess: true, written: false },
  { name: 'outside', share: 0.1, everyDays: 0, stoppedDaysAgo: 0, hasAccess: false, written: true },
];

export function pickHabit(random: Random): Habit {
  let left = random.next();
  for (const habit of habits) {
    left -= habit.share;
    if (left < 0) return habit;
  }
  return habits[0];
}
