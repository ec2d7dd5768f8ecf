// How it stands in a word with a sign: the colour only comes on top.
import type { Pipeline } from '../../../query/wire.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';
import './state-mark.css';

type State = Pipeline['state'];

const words: Readonly<Record<State, { readonly word: string; readonly icon: IconName }>> = {
  current: { word: 'Up to date', icon: 'check' },
  behind: { word: 'Catching up', icon: 'refresh' },
  stalled: { word: 'Stalled', icon: 'alert' },
  unknown: { word: 'Not known', icon: 'info' },
};

export function StateMark({ state }: { readonly state: State }) {
  const { word, icon } = words[state];
  return (
    <span className={`state-mark state-mark-${state}`}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  );
}
