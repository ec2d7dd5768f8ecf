// What is configured, and what this process cannot know. Never a secret.
import type { ReactNode } from 'react';
import type { Pipeline } from '../../../query/wire.ts';
import { count, counted } from '../../frame/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { momentText } from './words.ts';

type Props = Pick<Pipeline, 'configured' | 'fold'>;

export function ConfiguredPanel({ configured, fold }: Props) {
  return (
    <>
      <Panel title="Configured">
        {configured === null ? (
          <p className="faint">Shown to keys that are of no one firm.</p>
        ) : (
          <dl className="facts">
            <Fact name="Log">
              {configured.log.kind === 'kafka' ? 'Apache Kafka' : 'Embedded (LMDB)'}
              {configured.log.topicPrefix === '' ? null : (
                <>
                  , topics begin with <code>{configured.log.topicPrefix}</code>
                </>
              )}
            </Fact>
            <Fact name="Views">
              {configured.store.kind === 'dynamodb' ? `Amazon DynamoDB, ${configured.store.table}` : 'Embedded (LMDB)'}
            </Fact>
            <Fact name="Projectors’ group">
              <code>{configured.log.group}</code>
            </Fact>
            <Fact name="This process runs">{configured.services.join(', ')}</Fact>
            <Fact name="Who may">{accessWords(configured.access)}</Fact>
            <Fact name="Sources">{sourcesWords(configured.sources)}</Fact>
          </dl>
        )}
      </Panel>
      <Panel title="Projector">
        {fold === null ? (
          <p>
            It runs in other processes. Lag, ages and rates above are measured on the log and hold all the same; how
            fresh views were, and what was late, lost or ignored, is told by <code>/metrics</code> of those processes.
          </p>
        ) : (
          <dl className="facts">
            <Fact name="Counting since">{momentText(fold.startedAt)}</Fact>
            <Fact name="Late events">{count(fold.lateEvents)}</Fact>
            <Fact name="Lost to retention">{count(fold.lostMessages)}</Fact>
            <Fact name="Ignored on purpose">{count(fold.droppedMessages)}</Fact>
            <Fact name="Repeated, skipped">{count(fold.repeatedEvents)}</Fact>
          </dl>
        )}
      </Panel>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type Configured = NonNullable<Pipeline['configured']>;

function accessWords({ open, keys, issuer }: Configured['access']): string {
  if (open) return 'Everybody on this machine';
  const ways = [...(keys === 0 ? [] : [counted(keys, 'key')]), ...(issuer === null ? [] : [`tokens of ${issuer}`])];
  return ways.join(', ');
}

function sourcesWords(sources: Configured['sources']): string {
  if (sources === null) return 'Taken in by another process';
  if (sources.length === 0) return 'None: events come by the API and the topics alone';
  return sources.map(({ name, provider, by }) => `${name} (${provider}, ${by})`).join(', ');
}
