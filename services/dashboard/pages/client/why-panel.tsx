// Why a client is rated so: the signal that decided, the others, when the rating will change by itself, and whether only
// our own mails keep it.
import type { Card, Rating } from '../../../query/wire.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { instantText } from '../../frame/format.ts';
import { fromNow } from '../../frame/spans.ts';
import { Icon } from '../../parts/icons.tsx';
import { Lozenge } from '../../parts/lozenge.tsx';
import { Panel } from '../../parts/panel.tsx';

type WhyProps = {
  readonly engagement: NonNullable<Card['engagement']>;
  readonly lastSignals: NonNullable<Card['lastSignals']>;
  readonly evaluatedAt: string;
};

const signals = ['login', 'email', 'message'] as const;

export function WhyPanel({ engagement, lastSignals, evaluatedAt }: WhyProps) {
  const { labels } = useStart();
  const { settings } = useFirm();
  const { decidedBy, becomesAmberAt, becomesRedAt, onlyOurMail } = engagement;
  return (
    <Panel title="Why this rating" className="why">
      <ul className="why-signals">
        {signals.map((signal) => {
          const at = lastSignals[signal];
          const decides = decidedBy?.signal === signal;
          return (
            <li key={signal} className={decides ? 'why-decides' : ''}>
              <Icon name={signal} />
              <span className="why-signal">
                <span className="why-name">
                  {labels.signal[signal]}
                  {decides ? <span className="why-mark">decides</span> : null}
                </span>
                <span className="why-when">{at === null ? 'Never' : fromNow(at, evaluatedAt)}</span>
                {at === null ? null : (
                  <time className="why-at" dateTime={at}>
                    {instantText(at, settings.timeZone)}
                  </time>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      {decidedBy === null ? (
        <p className="why-note">There has been no signal at all: no login, no email, no message.</p>
      ) : null}
      {becomesAmberAt === null && becomesRedAt === null ? null : (
        <div className="why-next">
          <p>If nothing happens</p>
          <ul>
            <Becomes rating="amber" at={becomesAmberAt} now={evaluatedAt} />
            <Becomes rating="red" at={becomesRedAt} now={evaluatedAt} />
          </ul>
        </div>
      )}
      {onlyOurMail ? (
        <p className="why-mail">
          <Icon name="info" />
          Only our own emails and messages keep this rating. By the client’s logins alone it would be lower.
        </p>
      ) : null}
    </Panel>
  );
}

type BecomesProps = { readonly rating: Rating; readonly at: string | null; readonly now: string };

function Becomes({ rating, at, now }: BecomesProps) {
  const { labels } = useStart();
  const { settings } = useFirm();
  if (at === null) return null;
  return (
    <li>
      <Lozenge rating={rating} label={labels.rating[rating]} />
      <span>
        {fromNow(at, now)}, after <time dateTime={at}>{instantText(at, settings.timeZone)}</time>
      </span>
    </li>
  );
}
