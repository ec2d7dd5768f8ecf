// Messages that could not be used: how many for which reason, the newest of them masked, and sending them again.
import type { DeadLetter, Pipeline } from '../../../query/wire.ts';
import { count, counted } from '../../frame/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Empty } from '../../parts/states.tsx';
import { Redrive } from './redrive.tsx';
import { bytes, momentText, span } from './words.ts';

type Letters = Pipeline['deadLetters'];

export function DeadLettersPanel({ letters }: { readonly letters: Letters }) {
  if (letters.open === 0) {
    return (
      <Panel title="Dead letters" className="wide">
        <Empty icon="check" title="Every message could be used">
          What cannot be used is put away with its reason and shown here. The rest flows on.
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title="Dead letters"
      note={`${counted(letters.open, 'message')} could not be used and ${letters.open === 1 ? 'was' : 'were'} put away ${keptWords(letters.keptMs)}; the rest flowed on`}
      flush
      className="wide"
    >
      <ul className="letter-counts" aria-label="By reason">
        {letters.counts.map(({ topic, reason, count: open }) => (
          <li key={`${topic} ${reason}`}>
            <strong>{count(open)}</strong> <code>{reason}</code> on <code>{topic}</code>
          </li>
        ))}
      </ul>
      <Redrive />
      <h3 className="letters-title">The newest</h3>
      <ol className="letters">
        {letters.newest.map((letter) => (
          <Letter key={letter.position} letter={letter} />
        ))}
      </ol>
      {letters.open > letters.newest.length ? (
        <p className="letters-more">
          {counted(letters.open - letters.newest.length, 'more', 'more')}: <code>signalfold dead-letters list</code> or{' '}
          <code>GET /v1/dead-letters</code>
        </p>
      ) : null}
    </Panel>
  );
}

function keptWords(keptMs: number | null): string {
  return keptMs === null ? 'for good' : `for ${span(keptMs / 1000)}`;
}

function Letter({ letter }: { readonly letter: DeadLetter }) {
  const { reason, topic, detail, sample, position, sizeBytes, firmId, clientId, putAwayAt } = letter;
  return (
    <li className="letter">
      <p className="letter-head">
        <code className="letter-reason">{reason}</code>
        <span>
          on <code>{topic}</code>
        </span>
        <time dateTime={putAwayAt}>{momentText(putAwayAt)}</time>
      </p>
      <p className="letter-detail">{detail}</p>
      <pre className="letter-sample">{sample}</pre>
      <p className="letter-place">
        {firmId === null ? 'About nobody who can be told' : `About ${clientId ?? ''} of ${firmId}`} · {bytes(sizeBytes)}
        {letter.truncated ? ', cut' : ''} · <code>{position}</code>
      </p>
    </li>
  );
}
