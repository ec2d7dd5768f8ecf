// The page of reports: not built yet.
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';

export default function ReportsPage() {
  return (
    <>
      <PageHeader title="Reports" />
      <Empty title="This page is being built" />
    </>
  );
}
