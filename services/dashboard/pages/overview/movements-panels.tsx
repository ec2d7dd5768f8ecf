// Whose rating changed within a week, and whose will within two if nothing happens: by the step made, the first by name.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Movements } from '../../../query/wire.ts';
import { movementsQuery, type OfFirm } from '../../api/overview.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { count, dateText, instantText, nameOf } from '../../frame/format.ts';
import { Link } from '../../frame/router.tsx';
import { searchOf } from '../../frame/search.ts';
import { fromNow } from '../../frame/spans.ts';
import { Icon } from '../../parts/icons.tsx';
import { Lozenge } from '../../parts/lozenge.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Empty } from '../../parts/states.tsx';
import { listFields } from '../clients/list-fields.ts';
import { Scanned } from './scanned.tsx';

/** Clients named of each step. */
const namedMax = { changed: 5, expected: 10 } as const;

type Group = Movements['changed'][number];
type Kind = 'changed' | 'expected';

export function MovementsPanels({ of }: { readonly of: OfFirm }) {
  const movements = useQuery({
    ...movementsQuery(of, Math.max(...Object.values(namedMax))),
    placeholderData: (before) => before,
  });
  const { data } = movements;
  return (
    <>
      <MovementsPanel
        title="Changed this week"
        note={data === undefined ? undefined : `Since ${dateText(data.since)}, by the last change`}
        kind="changed"
        movements={movements}
        adviser={of.adviser}
      />
      <MovementsPanel
        title="Will change within two weeks"
        note={data === undefined ? undefined : `Up to ${dateText(data.until)}, if nothing happens`}
        kind="expected"
        movements={movements}
        adviser={of.adviser}
      />
    </>
  );
}

type PanelProps = {
  readonly title: string;
  readonly note: string | undefined;
  readonly kind: Kind;
  readonly movements: UseQueryResult<Movements>;
  readonly adviser: string | null;
};

function MovementsPanel({ title, note, kind, movements, adviser }: PanelProps) {
  return (
    <Panel title={title} note={note} flush className="movements">
      <Scanned query={movements} what="whose rating moves">
        {(found) =>
          found[kind].length === 0 ? (
            <Empty icon="check" title={kind === 'changed' ? 'No rating changed' : 'No rating will change'} />
          ) : (
            <ul>
              {found[kind].map((group) => (
                <Step
                  key={`${group.from} ${group.to}`}
                  group={group}
                  kind={kind}
                  adviser={adviser}
                  now={found.evaluatedAt}
                />
              ))}
            </ul>
          )
        }
      </Scanned>
    </Panel>
  );
}

type StepProps = {
  readonly group: Group;
  readonly kind: Kind;
  readonly adviser: string | null;
  readonly now: string;
};

function Step({ group, kind, adviser, now }: StepProps) {
  const { firmId, settings } = useFirm();
  const { labels } = useStart();
  const { from, to, total } = group;
  const clients = group.clients.slice(0, namedMax[kind]);
  return (
    <li className="step">
      <h3 className="step-head">
        <Lozenge rating={from} label={labels.rating[from]} />
        <Icon name="right" size={14} />
        <span className="unseen">to</span>
        <Lozenge rating={to} label={labels.rating[to]} />
        <span className="step-total">{count(total)}</span>
      </h3>
      <ul className="step-clients">
        {clients.map((client) => (
          <li key={client.clientId}>
            <Link to={{ page: 'client', firmId, clientId: client.clientId }}>{nameOf(client)}</Link>
            <span className="step-adviser">{client.adviser?.name ?? client.adviser?.id ?? ''}</span>
            <time dateTime={client.at} title={instantText(client.at, settings.timeZone)}>
              {fromNow(client.at, now)}
            </time>
          </li>
        ))}
      </ul>
      {total > clients.length ? (
        <Link className="step-more" to={{ page: 'clients', firmId }} search={listOf(group, kind, adviser)}>
          Open the list of all {labels.rating[kind === 'changed' ? to : from]}
        </Link>
      ) : null}
    </li>
  );
}

/** Within one rating the list is in the order of the newest signal: who came to it last, or who leaves it first, leads. */
function listOf({ from, to }: Group, kind: Kind, adviser: string | null): string {
  return searchOf(listFields, {
    rating: [kind === 'changed' ? to : from],
    adviser: adviser === null ? [] : [adviser],
    sort: 'engagement_rating',
    order: kind === 'changed' ? 'desc' : 'asc',
  });
}
