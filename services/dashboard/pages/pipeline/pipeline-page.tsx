// The page of pipeline: not built yet.
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty } from '../../parts/states.tsx';

export default function PipelinePage() {
  return (
    <>
      <PageHeader title="Pipeline" />
      <Empty title="This page is being built" />
    </>
  );
}
