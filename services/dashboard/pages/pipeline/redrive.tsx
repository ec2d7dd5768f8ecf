// Sends dead letters again, after saying what would become of them.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { pipelineQuery, redrive } from '../../api/pipeline.ts';
import { count, counted } from '../../frame/format.ts';
import { Button } from '../../parts/button.tsx';

export function Redrive() {
  const client = useQueryClient();
  const tried = useMutation({ mutationFn: () => redrive(true) });
  const sent = useMutation({
    mutationFn: () => redrive(false),
    onSuccess: () => {
      tried.reset();
      void client.invalidateQueries({ queryKey: pipelineQuery.queryKey });
    },
  });
  const usable = tried.data?.sent ?? 0;
  const error = tried.error ?? sent.error;
  return (
    <div className="redrive">
      <p role="status">{error === null ? words(tried.data, sent.data?.sent) : error.message}</p>
      <div className="redrive-buttons">
        <Button icon="refresh" disabled={tried.isPending} onClick={() => tried.mutate()}>
          {tried.isPending ? 'Trying …' : 'Try what is usable now'}
        </Button>
        {usable === 0 ? null : (
          <Button kind="primary" disabled={sent.isPending} onClick={() => sent.mutate()}>
            Send {count(usable)} again
          </Button>
        )}
      </div>
    </div>
  );
}

type Tried = { readonly matched: number; readonly sent: number; readonly left: number };

function words(tried: Tried | undefined, sent: number | undefined): string {
  if (tried !== undefined) {
    const looked = tried.matched - tried.left;
    const rest = tried.left === 0 ? '' : ` ${count(tried.left)} more are looked at after these.`;
    if (tried.sent === 0) return `None of ${count(looked)} would become an event now. Mend their producer.${rest}`;
    return `${count(tried.sent)} of ${count(looked)} would become events now.${rest}`;
  }
  if (sent !== undefined) return `${counted(sent, 'message')} went back into the log.`;
  return 'After a new release, or once a clock is right, some may be usable: an event counts once, however often it is sent.';
}
