// The page of client: not built yet.
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';

export default function ClientPage({ clientId }: { readonly clientId: string }) {
  return (
    <>
      <PageHeader title={clientId} />
      <Empty title="This page is being built" />
    </>
  );
}
