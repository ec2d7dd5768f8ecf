// The pipeline, for platform teams: how far the views are behind the log, what cannot be used, what is configured.
import { useQuery } from '@tanstack/react-query';
import type { Pipeline } from '../../../query/wire.ts';
import { pipelineQuery } from '../../api/pipeline.ts';
import { useStart } from '../../frame/firm.tsx';
import { count, counted } from '../../frame/format.ts';
import { Figure } from '../../parts/figure.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Failed, Loading, Stale } from '../../parts/states.tsx';
import { ConfiguredPanel } from './configured-panel.tsx';
import { DeadLettersPanel } from './dead-letters-panel.tsx';
import { RatesPanel } from './rates-panel.tsx';
import { StateMark } from './state-mark.tsx';
import { TopicsPanel } from './topics-panel.tsx';
import { clockTime, perSecond, span } from './words.ts';
import './pipeline-page.css';

export default function PipelinePage() {
  const { me } = useStart();
  if (me.scopes.includes('operate')) return <Watched />;
  return (
    <>
      <PageHeader title="Pipeline" />
      <Empty title="This page is for who runs signalfold">
        It needs the scope <code>operate</code>, which {me.name} does not have. An owner has it, and keys that are given
        it in <code>SIGNALFOLD_API_KEYS</code>.
      </Empty>
    </>
  );
}

function Watched() {
  const query = useQuery(pipelineQuery);
  const { data, error } = query;
  const retry = () => void query.refetch();
  if (data === undefined) {
    return (
      <>
        <PageHeader title="Pipeline" note="From the log to the views." />
        <Panel>
          {error === null ? (
            <Loading what="how the pipeline stands" lines={6} />
          ) : (
            <Failed error={error} onRetry={retry} />
          )}
        </Panel>
      </>
    );
  }
  return (
    <>
      <PageHeader
        title="Pipeline"
        mark={<StateMark state={data.state} />}
        note={`From the log to the views, measured at ${clockTime(data.at)}.`}
      />
      {error === null ? null : <Stale error={error} since={clockTime(data.at)} onRetry={retry} />}
      <div className="pipeline">
        <Standing pipeline={data} />
        <RatesPanel history={data.history} />
        <TopicsPanel topics={data.topics} />
        <DeadLettersPanel letters={data.deadLetters} />
        <ConfiguredPanel configured={data.configured} fold={data.fold} />
      </div>
    </>
  );
}

function Standing({ pipeline }: { readonly pipeline: Pipeline }) {
  const { lag, oldestWaitingSeconds, fold } = pipeline;
  const freshness = fold?.freshness ?? null;
  return (
    <Panel className="wide">
      <div className="pipeline-figures">
        <Figure
          name="Waiting"
          value={count(lag)}
          note={
            oldestWaitingSeconds === null
              ? 'Everything is in the views'
              : `the oldest for ${span(oldestWaitingSeconds)}`
          }
        />
        <Figure
          name="Coming in"
          value={pipeline.perSecond === null ? '–' : perSecond(pipeline.perSecond.in)}
          note={pipeline.perSecond === null ? 'Being measured' : 'events a second, last minute'}
        />
        <Figure
          name="From log to view"
          value={freshness === null ? '–' : upTo(freshness.p99Seconds)}
          note={freshnessNote(pipeline)}
        />
        <Figure
          name="Dead letters"
          value={count(pipeline.deadLetters.open)}
          note={pipeline.deadLetters.open === 0 ? 'Nothing was unusable' : 'not sent again yet'}
        />
        <Figure
          name="Late"
          value={fold === null ? '–' : count(fold.lateEvents)}
          note={fold === null ? 'Counted by the projector’s process' : lateNote(fold)}
        />
      </div>
    </Panel>
  );
}

function upTo(seconds: number | null): string {
  return seconds === null ? 'over a day' : `≤ ${span(seconds)}`;
}

function freshnessNote({ fold }: Pipeline): string {
  if (fold === null) return 'Counted by the projector’s process';
  if (fold.freshness === null) return 'Nothing was folded in the last minute';
  return `99 of 100 in the last minute; half ${upTo(fold.freshness.p50Seconds)}`;
}

function lateNote({ lostMessages, lateEvents }: NonNullable<Pipeline['fold']>): string {
  if (lostMessages > 0) return `and ${counted(lostMessages, 'message')} lost to retention`;
  return lateEvents === 0 ? 'No event came too late' : 'older than their view remembers';
}
