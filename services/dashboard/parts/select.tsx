// A choice of one, by the browser's own list, which every platform makes good to use.
import type { ReactNode, SelectHTMLAttributes } from 'react';
import { Icon } from './icons.tsx';
import './select.css';

type SelectProps = SelectHTMLAttributes<HTMLSelectElement> & {
  /** Options. */
  readonly children: ReactNode;
};

/** Needs an aria-label, or a label for its id. */
export function Select({ className = '', children, ...rest }: SelectProps) {
  return (
    <div className={`select ${className}`}>
      <select {...rest} className="input">
        {children}
      </select>
      <Icon name="open" size={14} />
    </div>
  );
}
