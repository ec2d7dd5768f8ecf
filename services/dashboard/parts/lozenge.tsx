// The engagement lozenge: a rating told three times over, by its word, by how full its mark is, and by its colour.
import type { Rating } from '../../query/wire.ts';
import './lozenge.css';

/** `label` as the API gives it. */
export function Lozenge({ rating, label }: { readonly rating: Rating; readonly label: string }) {
  return (
    <span className={`lozenge lozenge-${rating}`}>
      <RatingMark rating={rating} />
      {label}
    </span>
  );
}

/** The mark alone, beside a word that says the same: full, half, a ring, a dashed ring. */
export function RatingMark({ rating }: { readonly rating: Rating }) {
  return (
    <svg
      className={`rating-mark rating-mark-${rating}`}
      width="10"
      height="10"
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
    >
      {rating === 'green' ? (
        <circle cx="6" cy="6" r="5.5" fill="currentColor" />
      ) : (
        <circle
          cx="6"
          cy="6"
          r="4.75"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeDasharray={rating === 'none' ? '2.2 1.53' : undefined}
        />
      )}
      {rating === 'amber' ? <path d="M6 1.5a4.5 4.5 0 0 1 0 9z" fill="currentColor" /> : null}
    </svg>
  );
}
