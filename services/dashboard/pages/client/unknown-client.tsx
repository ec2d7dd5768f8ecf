// Where a client was looked for of whom nothing is known, was erased, or is not for this reader.
import { useFirm } from '../../frame/firm.tsx';
import { Link } from '../../frame/router.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';

export function UnknownClient({ clientId }: { readonly clientId: string }) {
  const { firmId } = useFirm();
  return (
    <>
      <PageHeader title={clientId} />
      <Empty
        icon="person"
        title="Nothing is known of this client"
        action={<Link to={{ page: 'clients', firmId }}>To the list of clients</Link>}
      >
        No event and no profile has arrived under this id, or the client was erased, or is in another adviser’s book.
      </Empty>
    </>
  );
}
