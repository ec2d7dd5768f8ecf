// A labelled field of a form, with a hint or with what is wrong.
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import { Select } from './select.tsx';
import './field.css';

type About = { readonly label: string; readonly hint?: ReactNode; readonly mistake?: string | null };
type InputProps = InputHTMLAttributes<HTMLInputElement> & About;

export function Field({ label, hint, mistake = null, className = '', ...rest }: InputProps) {
  const id = useId();
  const note = mistake ?? hint ?? null;
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      <input
        {...rest}
        id={id}
        className="input"
        aria-invalid={mistake === null ? undefined : true}
        aria-describedby={note === null ? undefined : `${id}-note`}
      />
      {note === null ? null : (
        <p id={`${id}-note`} className={mistake === null ? 'field-hint' : 'field-mistake'}>
          {note}
        </p>
      )}
    </div>
  );
}

type SelectProps = SelectHTMLAttributes<HTMLSelectElement> & About & { readonly children: ReactNode };

/** `children`: options. */
export function SelectField({ label, hint, className = '', children, ...rest }: SelectProps) {
  const id = useId();
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      <Select {...rest} id={id}>
        {children}
      </Select>
      {hint === undefined ? null : <p className="field-hint">{hint}</p>}
    </div>
  );
}
