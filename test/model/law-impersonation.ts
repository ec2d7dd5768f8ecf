// Law 5: an impersonated session leaves no trace in counts, last login, device or rating.
import fc from 'fast-check';
import { arrange, arrivals } from './arrivals.ts';
import { marks } from './events.ts';
import { histories } from './histories.ts';
import { agreeWithEachOther, agreeWithOracle, foldAll, law } from './laws.ts';

law(
  'given impersonated sessions, then the view answers as if none of their events had ever come',
  fc.record({ history: histories(), arrival: arrivals() }),
  ({ history, arrival }) => {
    const sessions = new Set(
      history.events.filter(marks).flatMap(({ event }) => ('sessionId' in event ? [event.sessionId] : [])),
    );
    const arrived = arrange(history, arrival);
    const isClean = ({ event }: (typeof arrived)[number]): boolean =>
      !('sessionId' in event && sessions.has(event.sessionId));
    const marked = foldAll(arrived);
    const clean = foldAll(arrived.filter(isClean));
    const cleanEvents = history.events.filter(isClean);
    agreeWithOracle([marked, clean], history, cleanEvents);
    agreeWithEachOther(marked, clean, history);
  },
);
