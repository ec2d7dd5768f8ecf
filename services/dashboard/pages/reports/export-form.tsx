// Whom an export is about, and as of when.
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AccessFilter, Rating } from '../../../query/wire.ts';
import type { ExportWish } from '../../api/exports.ts';
import { totalsQuery } from '../../api/overview.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { count } from '../../frame/format.ts';
import { AsOf } from '../../parts/as-of.tsx';
import { Button } from '../../parts/button.tsx';
import { Field, SelectField } from '../../parts/field.tsx';
import { RatingMark } from '../../parts/lozenge.tsx';

type FormProps = {
  readonly onMake: (wish: ExportWish) => void;
  readonly isAsking: boolean;
  /** The last one that was asked for here stands in the list. */
  readonly isAsked: boolean;
  readonly error: Error | null;
};

const ratings: readonly Rating[] = ['green', 'amber', 'red', 'none'];
const accesses: readonly AccessFilter[] = [
  'has_portal_access',
  'logged_in_recently',
  'never_logged_in',
  'no_portal_access',
];

export function ExportForm({ onMake, isAsking, isAsked, error }: FormProps) {
  const { firmId, settings } = useFirm();
  const { me, labels } = useStart();
  const [name, setName] = useState('');
  const [adviser, setAdviser] = useState('');
  const [access, setAccess] = useState<readonly AccessFilter[]>([]);
  const [rating, setRating] = useState<readonly Rating[]>([]);
  const [asOf, setAsOf] = useState<string | null>(null);
  const totals = useQuery(totalsQuery({ firmId, adviser: null })).data;
  const make = (event: FormEvent) => {
    event.preventDefault();
    onMake({
      report: 'portal-engagement',
      format: 'csv',
      filter: {
        ...(name.trim() === '' ? {} : { name: [name.trim()] }),
        ...(adviser === '' ? {} : { adviser: [adviser] }),
        ...(access.length === 0 ? {} : { access: [...access] }),
        ...(rating.length === 0 ? {} : { rating: [...rating] }),
      },
      ...(asOf === null ? {} : { asOf }),
    });
  };
  return (
    <form className="export-form" onSubmit={make}>
      <Field
        label="Client name"
        hint="A part of the name is enough"
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={200}
        autoComplete="off"
      />
      {me.adviserId !== null ? null : (
        <SelectField label="Adviser" value={adviser} onChange={(event) => setAdviser(event.target.value)}>
          <option value="">Everybody’s clients</option>
          {totals?.facets.adviser.map(({ id, name: called, count: clients }) => (
            <option key={id} value={id}>
              {called ?? id} ({count(clients)})
            </option>
          ))}
        </SelectField>
      )}
      <Choices
        legend="Portal access"
        values={accesses}
        chosen={access}
        words={labels.accessFilter}
        onChoose={setAccess}
      />
      <Choices
        legend="Engagement"
        values={ratings}
        chosen={rating}
        words={labels.rating}
        onChoose={setRating}
        mark={(one) => <RatingMark rating={one} />}
      />
      <AsOf value={asOf} timeZone={settings.timeZone} onChange={setAsOf} />
      {asOf === null ? null : (
        <p className="export-form-note">As it was at the end of that day; names and advisers are as they are today.</p>
      )}
      {error === null ? null : (
        <p className="export-form-error" role="alert">
          {error.message}
        </p>
      )}
      <Button kind="primary" icon="reports" submits disabled={isAsking}>
        {isAsking ? 'Asking …' : 'Make the export'}
      </Button>
      {isAsked && !isAsking ? <p className="export-form-asked">Asked for. It stands first among the exports.</p> : null}
    </form>
  );
}

type ChoicesProps<Value extends string> = {
  readonly legend: string;
  readonly values: readonly Value[];
  readonly chosen: readonly Value[];
  readonly words: Readonly<Record<Value, string>>;
  readonly onChoose: (chosen: readonly Value[]) => void;
  readonly mark?: (value: Value) => React.ReactNode;
};

function Choices<Value extends string>({ legend, values, chosen, words, onChoose, mark }: ChoicesProps<Value>) {
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      {values.map((value) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) =>
              onChoose(values.filter((one) => (one === value ? event.target.checked : chosen.includes(one))))
            }
          />
          {mark?.(value)}
          {words[value]}
        </label>
      ))}
    </fieldset>
  );
}
