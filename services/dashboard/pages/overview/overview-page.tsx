// The page of overview: not built yet.
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';

export default function OverviewPage() {
  return (
    <>
      <PageHeader title="Overview" />
      <Empty title="This page is being built" />
    </>
  );
}
