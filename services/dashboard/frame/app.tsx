// From nothing to a page: who one is, then the firms one may see, then the page at this address.
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiProblem } from '../api/ask.ts';
import { firmsQuery, meQuery } from '../api/start.ts';
import { isBack, SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { Button } from '../parts/button.tsx';
import { Empty, Failed } from '../parts/states.tsx';
import { FirmProvider, StartProvider } from './firm.tsx';
import { rememberedFirm, rememberFirm } from './firm-memory.ts';
import { FirstFault } from './first-fault.tsx';
import { Page } from './pages.tsx';
import { type Place, pathOf, placeOf } from './places.ts';
import { Link, navigate, useAddress } from './router.tsx';
import { isSignedIn, leave, onSession, useSession } from './session.ts';
import { Shell } from './shell.tsx';
import './app.css';

const retriesMax = 2;
/** What fails for longer, as while the service is started again, is asked for again this often. */
const againMs = 5_000;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // Only what may pass by itself: a refusal stays one.
      retry: (tries, error) => tries < retriesMax && mayPass(error),
      refetchInterval: ({ state: { error } }) => (mayPass(error) ? againMs : false),
    },
  },
});

function mayPass(error: Error | null): boolean {
  return error instanceof ApiProblem && error.mayPass;
}

// Another reader, other answers. Before anything is drawn for the next one.
onSession(() => client.clear());

export function App() {
  const { reader, refused } = useSession();
  // The address says whether somebody comes back from the issuer.
  useAddress();
  return (
    <FirstFault>
      <QueryClientProvider client={client}>
        {refused === null && !isBack() ? <SignedIn key={reader} /> : <SignInPage refused={refused ?? ''} />}
      </QueryClientProvider>
    </FirstFault>
  );
}

function SignedIn() {
  const me = useQuery(meQuery);
  const firms = useQuery(firmsQuery);
  const { pathname } = useAddress();
  const place = placeOf(pathname);
  const failed = me.error ?? firms.error;
  if (me.data === undefined || firms.data === undefined) {
    if (failed === null) return <Starting />;
    const retry = () => void client.refetchQueries();
    return (
      <main className="alone">
        <Failed error={failed} onRetry={retry} />
        {/* Whoever came with a key that opens nothing here goes on with another. */}
        {isSignedIn() ? <Button onClick={() => void leave()}>Sign out</Button> : null}
      </main>
    );
  }
  const { items, labels } = firms.data;
  return (
    <StartProvider start={{ me: me.data, firms: items, labels }}>
      <Placed place={place} firmIds={items.map(({ firmId }) => firmId)} />
    </StartProvider>
  );
}

function Starting() {
  return (
    <main className="alone" aria-busy="true">
      <p className="starting">Loading …</p>
    </main>
  );
}

type PlacedProps = { readonly place: Place; readonly firmIds: readonly string[] };

/** Without a firm in the address: the one that was looked at last, or the first. */
function Placed({ place, firmIds }: PlacedProps) {
  const firms = useQuery(firmsQuery).data?.items ?? [];
  const named = 'firmId' in place ? place.firmId : rememberedFirm(firmIds);
  const firm = firms.find(({ firmId }) => firmId === named) ?? null;
  const goesTo = (place.page === 'home' || place.page === 'sign-in') && named !== null ? named : null;
  useEffect(() => {
    if (goesTo !== null) navigate(pathOf({ page: 'overview', firmId: goesTo }), { replace: true });
  }, [goesTo]);
  useEffect(() => {
    if (firm !== null) rememberFirm(firm.firmId);
  }, [firm]);
  return (
    <Shell place={place} firmId={firm?.firmId ?? rememberedFirm(firmIds)}>
      {firm === null && place.page !== 'pipeline' ? (
        <NoFirm named={named} />
      ) : firm === null ? (
        <Page place={place} />
      ) : (
        // Another firm's page begins anew.
        <FirmProvider key={firm.firmId} firm={firm}>
          <Page place={place} />
        </FirmProvider>
      )}
    </Shell>
  );
}

function NoFirm({ named }: { readonly named: string | null }) {
  if (named === null) {
    return (
      <Empty icon="pipeline" title="Nothing has arrived yet">
        A firm appears here with its first event: send one to <code>POST /v1/events/login</code>, point a webhook here,
        or try <code>make demo</code>. The <a href="/docs">reference</a> tells how.
      </Empty>
    );
  }
  return (
    <Empty title={`There is no firm “${named}”`} action={<Link to={{ page: 'home' }}>To the start page</Link>}>
      Nothing of it has arrived, or you may not see it.
    </Empty>
  );
}
