// Parts of a whole as bars, each with its number and share; a bar leads to the clients it counts.
import type { Rating } from '../../../query/wire.ts';
import { useFirm } from '../../frame/firm.tsx';
import { count, percent } from '../../frame/format.ts';
import { Link } from '../../frame/router.tsx';
import { searchOf } from '../../frame/search.ts';
import { RatingMark } from '../../parts/lozenge.tsx';
import { type ListState, listFields } from '../clients/list-fields.ts';

export type Part = {
  readonly name: string;
  /** Beside the name: the rating's shape. */
  readonly mark?: Rating;
  readonly clients: number;
  readonly tone: string;
  /** Of the list, as it is in the address; null where no filter shows just these. */
  readonly filter: Partial<ListState> | null;
  /** A part of the one above. */
  readonly isWithin?: boolean;
};

type BarsProps = { readonly parts: readonly Part[]; readonly all: number; readonly adviser: string | null };

export function Bars({ parts, all, adviser }: BarsProps) {
  return (
    <ul className="bars">
      {parts.map((part) => (
        <li key={part.name} className={part.isWithin === true ? 'bar-within' : ''}>
          <Bar part={part} all={all} adviser={adviser} />
        </li>
      ))}
    </ul>
  );
}

function Bar({ part, all, adviser }: Omit<BarsProps, 'parts'> & { readonly part: Part }) {
  const { firmId } = useFirm();
  const { name, mark, clients, tone, filter } = part;
  const content = (
    <>
      <span className="bar-name">
        {mark === undefined ? null : <RatingMark rating={mark} />}
        {name}
      </span>
      <span className="bar-count">{count(clients)}</span>
      <span className="bar-share">{percent(clients, all)}</span>
      <svg className="bar-line" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect width="100" height="1" className="bar-ground" />
        <rect width={all === 0 ? 0 : (100 * clients) / all} height="1" className={`bar-${tone}`} />
      </svg>
    </>
  );
  if (filter === null) return <span className="bar">{content}</span>;
  const search = searchOf(listFields, { ...filter, adviser: adviser === null ? [] : [adviser] });
  return (
    <Link className="bar" to={{ page: 'clients', firmId }} search={search}>
      {content}
    </Link>
  );
}
