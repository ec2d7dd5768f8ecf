// Buttons, and links that look like them.
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';
import './button.css';

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type'> & {
  /** `primary` once on a page at most; `plain` where many stand together. */
  readonly kind?: 'primary' | 'normal' | 'plain';
  readonly icon?: IconName;
  readonly submits?: boolean;
  readonly children?: ReactNode;
};

/** Without children it needs an aria-label. */
export function Button({ kind = 'normal', icon, submits = false, className = '', children, ...rest }: ButtonProps) {
  const bare = children === undefined ? 'button-bare' : '';
  return (
    <button {...rest} type={submits ? 'submit' : 'button'} className={`button button-${kind} ${bare} ${className}`}>
      {icon === undefined ? null : <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}
