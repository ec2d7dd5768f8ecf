// Portal access: yes or no. When it is no, this is all that a client's page says.
import type { Card } from '../../../query/wire.ts';
import { useStart } from '../../frame/firm.tsx';
import { Figure } from '../../parts/figure.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/panel.tsx';

export function AccessPanel({ card: { portalAccess } }: { readonly card: Card }) {
  const { labels } = useStart();
  const { has, status } = portalAccess;
  return (
    <Panel>
      <Figure
        name="Portal access"
        value={
          <span className="access-word">
            <Icon name={has ? 'check' : 'close'} size={22} />
            {has ? 'Yes' : 'No'}
          </span>
        }
        note={
          has ? `Status: ${labels.accessStatus[status]}` : 'Nothing further is shown of a client without portal access.'
        }
      />
    </Panel>
  );
}
