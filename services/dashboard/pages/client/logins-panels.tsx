// The last login, and how many there were.
import type { Card } from '../../../query/wire.ts';
import { useFirm } from '../../frame/firm.tsx';
import { count, dayOfInstant, instantText } from '../../frame/format.ts';
import { Figure } from '../../parts/figure.tsx';
import { Panel } from '../../parts/panel.tsx';

export function LastLoginPanel({ lastLogin }: { readonly lastLogin: Card['lastLogin'] }) {
  const { settings } = useFirm();
  if (lastLogin === null) {
    return (
      <Panel>
        <Figure name="Last login" value="Never" note="There has been no login that counts." />
      </Panel>
    );
  }
  const { at, relative, device, platform } = lastLogin;
  const from = [device, platform].filter((part) => part !== null).join(' / ');
  return (
    <Panel>
      <Figure
        name="Last login"
        value={<time dateTime={at}>{relative}</time>}
        note={
          <>
            <span className="last-login-at">{instantText(at, settings.timeZone)}</span>
            <span className="last-login-from">{from === '' ? 'Device not known' : from}</span>
          </>
        }
      />
    </Panel>
  );
}

type LoginsProps = { readonly logins: NonNullable<Card['logins']>; readonly coverage: Card['coverage'] };

export function LoginsPanel({ logins, coverage }: LoginsProps) {
  const { settings } = useFirm();
  const { since, partial365 } = coverage;
  return (
    <Panel>
      <p className="login-counts-name">Logins in the last</p>
      <dl className="login-counts">
        <Count days={30} logins={logins.d30} />
        <Count days={90} logins={logins.d90} />
        <Count days={365} logins={logins.d365} isPartial={partial365} />
      </dl>
      <p className="login-counts-note">
        {since === null ? null : `Signals count since ${dayOfInstant(since, settings.timeZone)}`}
        {since === null ? null : partial365 ? ', so the 365 days are partial.' : '.'}
      </p>
    </Panel>
  );
}

function Count({ days, logins, isPartial = false }: { days: number; logins: number; isPartial?: boolean }) {
  return (
    <div>
      <dt>{days} days</dt>
      <dd>
        {count(logins)}
        {isPartial ? <span className="partial">partial</span> : null}
      </dd>
    </div>
  );
}
