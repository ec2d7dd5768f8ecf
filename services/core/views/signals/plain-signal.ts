// What a plain event means to the signals view: the same as event.ts says of the event read whole.
import { type DeviceOf, unknownDevice } from '../../device.ts';
import { inviteCategory } from '../../events/email.ts';
import type { PlainEvent } from '../../plain-event.ts';
import { TextTable } from '../../text-table.ts';
import type { SignalEvent } from './event.ts';

/** User agents known by their bytes; when there are so many, all are forgotten. */
const userAgentsMax = 4_096;
/** Longer ones are read each time, so that hostile ones cannot fill the memory. */
const userAgentBytesMax = 500;

export type PlainSignalOf = (topic: string, plain: PlainEvent) => SignalEvent | null;

/** Keeps the devices of user agents by their bytes, of which no text has to be made then. Null as in `signalOf`. */
export function plainSignals(deviceOf: DeviceOf): PlainSignalOf {
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

  return (topic, plain) => {
    const at = plain.occurredAt;
    switch (topic) {
      case 'login': {
        if (!plain.is('outcome', 'success')) return null;
        const hash = plain.hashOf('sessionId');
        if (plain.has('impersonatedBy')) return { kind: 'mark', at, hash, device: unknownDevice };
        if (plain.has('interactive') && plain.is('interactive', 'false')) return null;
        return { kind: 'login', at, hash, device: deviceIn(plain) };
      }
      case 'impersonation':
        return { kind: 'mark', at, hash: plain.hashOf('sessionId'), device: unknownDevice };
      case 'email': {
        if (!plain.is('status', 'sent') && !plain.is('status', 'delivered')) return null;
        const isInvite = plain.has('category') && plain.is('category', inviteCategory);
        return { kind: isInvite ? 'invite' : 'email', at, hash: plain.hashOf('messageId'), device: unknownDevice };
      }
      case 'message': {
        const kind = plain.is('direction', 'outbound') ? 'outbound' : 'inbound';
        return { kind, at, hash: plain.hashOf('messageId'), device: unknownDevice };
      }
      default:
        return null;
    }
  };
}
