// What a plain event means to the signals view: the same as event.ts says of the event read whole.
import { type DeviceOf, unknownDevice } from '../../device.ts';
import { inviteCategory } from '../../events/email.ts';
import type { PlainEvent } from '../../plain-event.ts';
import { TextTable } from '../../text-table.ts';
import type { SignalRows } from './event.ts';

/** User agents known by their bytes; when there are so many, all are forgotten. */
const userAgentsMax = 4_096;
/** Longer ones are read each time, so that hostile ones cannot fill the memory. */
const userAgentBytesMax = 500;

/** Keeps what a plain event of the topic means; false when that is nothing, as where `signalOf` says null. */
export type KeepPlainSignal = (topic: string, plain: PlainEvent, signals: SignalRows) => boolean;

/** Remembers the devices of user agents by their bytes, of which no text has to be made then. */
export function plainSignals(deviceOf: DeviceOf): KeepPlainSignal {
  let userAgents = new TextTable();
  let devices: number[] = [];
  const deviceIn = (plain: PlainEvent): number => {
    if (!plain.has('userAgent')) return unknownDevice;
    if (plain.lengthOf('userAgent') > userAgentBytesMax) return deviceOf(plain.textOf('userAgent'));
    const number = plain.numberIn(userAgents, 'userAgent');
    const known = devices[number];
    if (known !== undefined) return known;
    const device = deviceOf(userAgents.textOf(number));
    devices[number] = device;
    if (userAgents.size === userAgentsMax) {
      userAgents = new TextTable();
      devices = [];
    }
    return device;
  };

  return (topic, plain, signals) => {
    const at = plain.occurredAt;
    switch (topic) {
      case 'login': {
        if (!plain.is('outcome', 'success')) return false;
        const isOurs = plain.has('impersonatedBy');
        if (!isOurs && plain.has('interactive') && plain.is('interactive', 'false')) return false;
        signals.add(isOurs ? 'mark' : 'login', at, plain.hashOf('sessionId'), isOurs ? unknownDevice : deviceIn(plain));
        return true;
      }
      case 'impersonation':
        signals.add('mark', at, plain.hashOf('sessionId'), unknownDevice);
        return true;
      case 'email': {
        if (!plain.is('status', 'sent') && !plain.is('status', 'delivered')) return false;
        const isInvite = plain.has('category') && plain.is('category', inviteCategory);
        signals.add(isInvite ? 'invite' : 'email', at, plain.hashOf('messageId'), unknownDevice);
        return true;
      }
      case 'message': {
        const direction = plain.is('direction', 'outbound') ? 'outbound' : 'inbound';
        signals.add(direction, at, plain.hashOf('messageId'), unknownDevice);
        return true;
      }
      default:
        return false;
    }
  };
}
