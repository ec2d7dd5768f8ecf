// Stored profiles: what the view writes, it reads back.
import { decodeValue } from '../../services/core/decode.ts';
import { profileView } from '../../services/core/views/profile/view.ts';

test.each(['1968-04-06T00:00:00Z', '0001-01-01T00:00:00Z', '2019-05-14T09:00:00.001Z', '9999-12-31T23:59:59.999Z'])(
  'given a profile created at %s, reads it back as it was',
  (createdAt) => {
    const updatedAt = '2026-03-01T08:15:30Z';
    const profile = { version: 3, type: 'trust', status: 'active', emails: ['a@example.com'], createdAt, updatedAt };
    const value = { firmId: 'firm-a', clientId: 'client-1042', ...profile };
    const decoded = decodeValue('client', value, Date.UTC(2026, 2, 2));
    if (decoded.kind !== 'event') throw new Error(decoded.detail);
    const state = profileView.empty();
    profileView.fold(state, decoded.event, () => 0);
    expect(profileView.decode(profileView.encode(state))).toEqual(state);
  },
);
