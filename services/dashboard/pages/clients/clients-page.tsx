// The page of clients: not built yet.
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';

export default function ClientsPage() {
  return (
    <>
      <PageHeader title="Clients" />
      <Empty title="This page is being built" />
    </>
  );
}
