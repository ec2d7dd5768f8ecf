// The laws for portal access: order, repetition and batches change nothing, at any instant, against the oracle.
import fc from 'fast-check';
import { deriveAccess } from '../../services/core/derive/access.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { type AccessHistory, accessHistories, arrivalOf } from './access-histories.ts';
import { deviceOf } from './events.ts';
import { law, same } from './laws.ts';
import { oracleAccess } from './oracle-access.ts';

type Access = ReturnType<typeof accessView.empty>;

function fold(arrival: readonly CanonicalEvent[], batchMax = Number.POSITIVE_INFINITY): Access {
  let state = accessView.empty();
  for (const [index, event] of arrival.entries()) {
    if (accessView.concerns(event)) accessView.fold(state, event, deviceOf);
    if ((index + 1) % batchMax === 0) state = accessView.decode(accessView.encode(state));
  }
  return state;
}

function answers(state: Access, { zone, probes, status, everLoggedIn }: AccessHistory) {
  const settings = { ...defaultSettings, timeZone: zone };
  return probes.map((at) => {
    const { has, everGranted, logins } = deriveAccess(state, status, everLoggedIn, settings, at);
    const ascending = [...logins].sort((one, other) => (one.email < other.email ? -1 : 1)).map(inOneOrder);
    return { at, has, everGranted, logins: ascending };
  });
}

function oracleAnswers({ zone, probes, status, everLoggedIn, events }: AccessHistory) {
  const settings = { ...defaultSettings, timeZone: zone };
  return probes.map((at) => {
    const { has, everGranted, logins } = oracleAccess(events, status, everLoggedIn, settings, at);
    return { at, has, everGranted, logins: logins.map(inOneOrder) };
  });
}

/** The same fields in the same order, so that answers can be compared as text. */
function inOneOrder({
  email,
  state,
  expiresOn,
  permissions,
  features,
  twoFactor,
}: ReturnType<typeof oracleAccess>['logins'][number]) {
  const { welcome, wealth, goals, factfind, tasks } = features;
  const { write, delete: remove } = permissions;
  return { email, state, expiresOn, write, remove, welcome, wealth, goals, factfind, tasks, twoFactor };
}

function agrees(state: Access, history: AccessHistory): void {
  same(answers(state, history), oracleAnswers(history));
}

law(
  'given portal access changes in any order, some repeated, then the view answers as the oracle does',
  fc.record({ history: accessHistories(), seed: fc.nat({ max: 99_999 }) }),
  ({ history, seed }) => agrees(fold(arrivalOf(history, seed)), history),
);

law(
  'given portal access changes in batches, then the view answers as the oracle does',
  fc.record({ history: accessHistories(), seed: fc.nat({ max: 99_999 }), batchMax: fc.integer({ min: 1, max: 9 }) }),
  ({ history, seed, batchMax }) => agrees(fold(arrivalOf(history, seed), batchMax), history),
);
