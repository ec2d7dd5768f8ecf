// Which page stands at which place. Each page is loaded when it is first gone to.
import { lazy, Suspense } from 'react';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { FirstFault } from './first-fault.tsx';
import type { Place } from './places.ts';
import { Link } from './router.tsx';

const OverviewPage = lazy(() => import('../pages/overview/overview-page.tsx'));
const ClientsPage = lazy(() => import('../pages/clients/clients-page.tsx'));
const ClientPage = lazy(() => import('../pages/client/client-page.tsx'));
const ReportsPage = lazy(() => import('../pages/reports/reports-page.tsx'));
const PipelinePage = lazy(() => import('../pages/pipeline/pipeline-page.tsx'));

export function Page({ place }: { readonly place: Place }) {
  const key = place.page === 'client' ? `client ${place.clientId}` : place.page;
  return (
    <FirstFault key={key}>
      <Suspense fallback={<Loading what="the page" lines={6} />}>
        <PageAt place={place} />
      </Suspense>
    </FirstFault>
  );
}

function PageAt({ place }: { readonly place: Place }) {
  switch (place.page) {
    case 'overview':
      return <OverviewPage />;
    case 'clients':
      return <ClientsPage />;
    case 'client':
      return <ClientPage clientId={place.clientId} />;
    case 'reports':
      return <ReportsPage />;
    case 'pipeline':
      return <PipelinePage />;
    case 'unknown':
      return <UnknownPage />;
    default:
      return null;
  }
}

function UnknownPage() {
  return (
    <>
      <PageHeader title="There is no such page" />
      <Empty title="Nothing is at this address" action={<Link to={{ page: 'home' }}>To the start page</Link>}>
        It may be mistyped, or the page has another address now.
      </Empty>
    </>
  );
}
