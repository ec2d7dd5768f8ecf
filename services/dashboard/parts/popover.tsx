// A button that opens something beside it: closed by Escape, by a click elsewhere, and by moving on. The browser does all
// of it; on a phone what opens is a sheet at the bottom.
import { type ReactNode, useId, useState } from 'react';
import { Icon } from './icons.tsx';
import './popover.css';

type PopoverProps = {
  /** On the button, and the name of what opens. */
  readonly label: string;
  /** After the label, when something is chosen. */
  readonly chosen?: string | undefined;
  /** Drawn only while it is open. */
  readonly children: () => ReactNode;
};

export function Popover({ label, chosen, children }: PopoverProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="popover-place">
      <button
        type="button"
        className={`button popover-button ${chosen === undefined ? 'button-normal' : 'popover-chosen'}`}
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
      >
        {label}
        {chosen === undefined ? null : <span className="popover-value">{chosen}</span>}
        <Icon name="open" size={14} />
      </button>
      <div
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className="popover"
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {isOpen ? children() : null}
      </div>
    </div>
  );
}
