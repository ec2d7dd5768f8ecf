// Around every page: where one can go, which firm it is about, who one is.
import { type ReactNode, useSyncExternalStore } from 'react';
import { isFeedLost, onFeedLost } from '../api/changes.ts';
import { Button } from '../parts/button.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';
import { Select } from '../parts/select.tsx';
import { useStart } from './firm.tsx';
import { type Place, pathOf } from './places.ts';
import { Link, navigate } from './router.tsx';
import { leave } from './session.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import './shell.css';

type ShellProps = { readonly place: Place; readonly firmId: string | null; readonly children: ReactNode };

export function Shell({ place, firmId, children }: ShellProps) {
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="shell-top">
        <Link to={{ page: 'home' }} className="brand">
          <Mark />
          signalfold
        </Link>
        <FirmSwitch place={place} firmId={firmId} />
        <Navigation place={place} firmId={firmId} />
        <div className="shell-end">
          <Who />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" className="shell-content" tabIndex={-1}>
        <Lost />
        {children}
      </main>
    </div>
  );
}

/** Whoever looks at a page that follows changes is told when it does not. */
function Lost() {
  const isLost = useSyncExternalStore(onFeedLost, isFeedLost);
  return (
    <p role="status" className={isLost ? 'shell-lost' : 'unseen'}>
      {isLost ? 'Live updates are paused: the service does not answer. This page goes on by itself.' : ''}
    </p>
  );
}

type Entry = {
  readonly name: string;
  readonly icon: IconName;
  readonly to: Place;
  readonly covers: readonly Place['page'][];
};

function Navigation({ place, firmId }: Omit<ShellProps, 'children'>) {
  const ofFirm: readonly Entry[] =
    firmId === null
      ? []
      : [
          { name: 'Overview', icon: 'overview', to: { page: 'overview', firmId }, covers: ['overview', 'home'] },
          { name: 'Clients', icon: 'clients', to: { page: 'clients', firmId }, covers: ['clients', 'client'] },
          { name: 'Reports', icon: 'reports', to: { page: 'reports', firmId }, covers: ['reports'] },
        ];
  const pipeline: Entry = { name: 'Pipeline', icon: 'pipeline', to: { page: 'pipeline' }, covers: ['pipeline'] };
  return (
    <nav className="shell-nav" aria-label="Pages">
      <ul>
        {[...ofFirm, pipeline].map(({ name, icon, to, covers }) => (
          <li key={name}>
            <Link to={to} aria-current={covers.includes(place.page) ? 'page' : undefined}>
              <Icon name={icon} />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Another firm's same page; of one firm alone there is nothing to choose. */
function FirmSwitch({ place, firmId }: Omit<ShellProps, 'children'>) {
  const { firms } = useStart();
  if (firmId === null) return null;
  if (firms.length < 2) return <p className="firm-only">{firmId}</p>;
  const go = (chosen: string) => {
    const page = place.page === 'client' ? 'clients' : place.page;
    const stays = page === 'clients' || page === 'reports';
    navigate(pathOf({ page: stays ? page : 'overview', firmId: chosen }));
  };
  return (
    <Select className="firm-switch" aria-label="Firm" value={firmId} onChange={(event) => go(event.target.value)}>
      {firms.map((firm) => (
        <option key={firm.firmId} value={firm.firmId}>
          {firm.firmId}
        </option>
      ))}
    </Select>
  );
}

function Who() {
  const { me } = useStart();
  if (me.isOpen) return <p className="who">Open to this machine</p>;
  return (
    <div className="who">
      <p title={me.name}>
        {me.name}
        {me.role === null ? null : <span className="who-role">{me.role}</span>}
      </p>
      <Button kind="plain" onClick={() => void leave()}>
        Sign out
      </Button>
    </div>
  );
}

export function Mark() {
  return (
    <svg className="mark" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <rect width="24" height="24" rx="6.5" fill="var(--accent)" />
      <g fill="none" stroke="var(--on-accent)" strokeLinecap="round" strokeLinejoin="round" strokeWidth="1.8">
        <path d="m6.5 16.2 5.5 2.3 5.5-2.3" opacity=".5" />
        <path d="m6.5 12.4 5.5 2.3 5.5-2.3" opacity=".8" />
        <path d="M12 5.5 6.5 8.3l5.5 2.6 5.5-2.6z" fill="var(--on-accent)" />
      </g>
    </svg>
  );
}
