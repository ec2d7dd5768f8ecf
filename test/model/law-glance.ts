// A glance at stored views, as files of whole firms take it, tells what the whole views tell.
import fc from 'fast-check';
import { ByteReader } from '../../services/core/bytes.ts';
import { Checkpoint } from '../../services/core/checkpoint.ts';
import { accessOf, deriveAccess } from '../../services/core/derive/access.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { deriveAtAGlance } from '../../services/core/derive/signals.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { seal, sealEnd } from '../../services/core/view.ts';
import { grantsAt } from '../../services/core/views/access/glance.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { SignalsReader } from '../../services/core/views/signals/glance.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { accessHistories, arrivalOf } from './access-histories.ts';
import { arrange, arrivals } from './arrivals.ts';
import { deviceOf } from './events.ts';
import { histories } from './histories.ts';
import { agreeWithOracle, answers, foldInBatches, law, same } from './laws.ts';

// One reader for all histories, so that what one leaves behind would show in the next.
const reader = new SignalsReader();

law(
  'given stored signals, when glanced at, then every answer is that of the whole view and of the oracle',
  fc.record({ history: histories(), arrival: arrivals(), cuts: fc.nat({ max: 99_999 }) }),
  ({ history, arrival, cuts }) => {
    const encoded = signalsView.encode(foldInBatches(arrange(history, arrival), cuts));
    const whole = signalsView.decode(encoded);
    agreeWithOracle([whole], history);
    const sealed = seal(new Checkpoint(), encoded);
    const glance = reader.read(sealed, sealEnd(sealed));
    const atAGlance = history.settings.flatMap((settings) =>
      history.probes.map((at) => deriveAtAGlance(glance, frameOf(settings, at))),
    );
    same(atAGlance, answers(whole, history));
  },
);

law(
  'given stored access, when glanced at, then it says who has access and who ever had as the whole view does',
  fc.record({ history: accessHistories(), seed: fc.nat({ max: 99_999 }) }),
  ({ history, seed }) => {
    const state = accessView.empty();
    for (const event of arrivalOf(history, seed)) {
      if (accessView.concerns(event)) accessView.fold(state, event, deviceOf);
    }
    const sealed = seal(new Checkpoint(), accessView.encode(state));
    const { zone, probes, status, everLoggedIn } = history;
    const settings = { ...defaultSettings, timeZone: zone };
    for (const at of probes) {
      const { has, everGranted } = deriveAccess(state, status, everLoggedIn, settings, at);
      const frame = frameOf(settings, at);
      same(accessOf(grantsAt(new ByteReader(sealed, sealEnd(sealed)), at), status, frame), { has, everGranted });
    }
  },
);
