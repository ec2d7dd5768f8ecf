// The columns of the list: what each shows of a client, and which sort its head stands for.
import type { ReactNode } from 'react';
import type { ListItem, ListOrder, ListSort } from '../../../query/wire.ts';
import type { Start } from '../../frame/firm.tsx';
import { count, dateText, nameOf } from '../../frame/format.ts';
import { Link } from '../../frame/router.tsx';
import { Lozenge } from '../../parts/lozenge.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';

export type Around = { readonly labels: Start['labels']; readonly timeZone: string };

export type Column = {
  readonly id: string;
  readonly head: string;
  /** Read out in place of a short head. */
  readonly longHead?: string;
  readonly sort?: ListSort;
  /** Which way it sorts at first: what one looks for is on top. */
  readonly firstOrder?: ListOrder;
  readonly isNumber?: boolean;
  readonly cell: (item: ListItem, around: Around) => ReactNode;
};

/** The link is as large as its row. */
export function ClientLink({ item, tabIndex }: { readonly item: ListItem; readonly tabIndex: number }) {
  const { firmId, clientId } = item;
  return (
    <Link to={{ page: 'client', firmId, clientId }} className="client-link" tabIndex={tabIndex} data-client={clientId}>
      {nameOf(item)}
    </Link>
  );
}

export function LastLogin({ item, timeZone }: { readonly item: ListItem; readonly timeZone: string }) {
  const { lastLogin } = item;
  if (lastLogin === null) return <span className="nothing">–</span>;
  return <RelativeTime at={lastLogin.at} text={lastLogin.relative} timeZone={timeZone} />;
}

export const columns: readonly Column[] = [
  {
    id: 'rating',
    head: 'Engagement',
    sort: 'engagement_rating',
    cell: ({ engagement }) => <Lozenge rating={engagement.rating} label={engagement.label} />,
  },
  {
    id: 'access',
    head: 'Access',
    cell: ({ portalAccess }, { labels }) => (
      <span className={portalAccess.status === 'active' ? '' : 'lesser'}>
        {labels.accessStatus[portalAccess.status]}
      </span>
    ),
  },
  {
    id: 'last-login',
    head: 'Last login',
    sort: 'last_login',
    firstOrder: 'desc',
    cell: (item, { timeZone }) => <LastLogin item={item} timeZone={timeZone} />,
  },
  { id: 'd30', head: '30 d', longHead: 'Logins in 30 days', isNumber: true, cell: ({ logins }) => number(logins.d30) },
  { id: 'd90', head: '90 d', longHead: 'Logins in 90 days', isNumber: true, cell: ({ logins }) => number(logins.d90) },
  {
    id: 'd365',
    head: '365 d',
    longHead: 'Logins in 365 days',
    isNumber: true,
    cell: ({ logins }) => number(logins.d365),
  },
  {
    id: 'adviser',
    head: 'Adviser',
    cell: ({ adviser }) => (adviser === null ? <span className="nothing">–</span> : (adviser.name ?? adviser.id)),
  },
  { id: 'type', head: 'Type', cell: ({ type }) => <span className="lesser">{type}</span> },
  {
    id: 'review',
    head: 'Next review',
    sort: 'next_review_date',
    cell: ({ nextReviewDate }) =>
      nextReviewDate === null ? <span className="nothing">–</span> : dateText(nextReviewDate),
  },
];

function number(value: number): ReactNode {
  return value === 0 ? <span className="nothing">0</span> : count(value);
}
