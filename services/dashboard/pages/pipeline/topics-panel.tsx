// The topics: how far each is folded, how fast it grows, how long it is kept.
import type { Pipeline } from '../../../query/wire.ts';
import { count } from '../../frame/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from './state-mark.tsx';
import { perSecond, span } from './words.ts';

type Topic = Pipeline['topics'][number];

export function TopicsPanel({ topics }: { readonly topics: readonly Topic[] }) {
  return (
    <Panel title="Topics" note="What stands in the log, and what of it is not in the views yet" flush className="wide">
      <table className="topics">
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Waiting
            </th>
            <th scope="col" className="number">
              Oldest
            </th>
            <th scope="col" className="number">
              Per second
            </th>
            <th scope="col" className="number less">
              Kept
            </th>
            <th scope="col" className="less">
              For
            </th>
            <th scope="col" className="number least">
              Partitions
            </th>
          </tr>
        </thead>
        <tbody>
          {topics.map((topic) => (
            <TopicRow key={topic.topic} topic={topic} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function TopicRow({ topic }: { readonly topic: Topic }) {
  const { lag, state, oldestWaitingSeconds: oldest, keptMs } = topic;
  return (
    <tr>
      <th scope="row">
        <code>{topic.topic}</code>
      </th>
      <td>{state === null ? <span className="faint">Kept, not folded</span> : <StateMark state={state} />}</td>
      <td className="number">{lag === null ? '–' : count(lag)}</td>
      <td className="number">{oldest === null ? '–' : span(oldest)}</td>
      <td className="number">{topic.perSecond === null ? '–' : perSecond(topic.perSecond)}</td>
      <td className="number less">{count(topic.messages)}</td>
      <td className="less">{keptMs === null ? 'always' : span(keptMs / 1000)}</td>
      <td className="number least">{count(topic.partitions)}</td>
    </tr>
  );
}
