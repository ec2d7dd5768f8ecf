// The addresses that a client can sign in with: how far each has come, until when, and what it may do.
import type { Card } from '../../../query/wire.ts';
import { useStart } from '../../frame/firm.tsx';
import { counted, dateText } from '../../frame/format.ts';
import { Panel } from '../../parts/panel.tsx';

type PortalLogin = Card['portalAccess']['logins'][number];

export function PortalLogins({ logins }: { readonly logins: readonly PortalLogin[] }) {
  return (
    <Panel title="Portal logins" note={counted(logins.length, 'address', 'addresses')} flush>
      <ul className="portal-logins">
        {logins.map((login) => (
          <Row key={login.email} login={login} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ login }: { readonly login: PortalLogin }) {
  const { labels } = useStart();
  const { email, state, expiresOn, permissions, features, twoFactor } = login;
  return (
    <li className="portal-login">
      <p className="portal-login-who">
        <span className="portal-login-address">{email}</span>
        <span className={`portal-state portal-state-${state}`}>{labels.loginState[state]}</span>
      </p>
      <dl>
        <Fact name="Expires" value={expiresOn === null ? 'Never' : `After ${dateText(expiresOn)}`} />
        <Fact name="May" value={['Read', ...chosen(permissions, labels.permission)].join(', ')} />
        <Fact name="Sees" value={chosen(features, labels.feature).join(', ') || 'No part is on'} />
        <Fact name="Second factor" value={twoFactor ? 'On' : 'Off'} />
      </dl>
    </li>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The words of what is on, in the order in which the API tells them. */
function chosen<Name extends string>(
  given: Readonly<Record<Name, boolean>>,
  words: Readonly<Record<Name, string>>,
): readonly string[] {
  const on: string[] = [];
  for (const name in given) if (given[name]) on.push(words[name]);
  return on;
}
