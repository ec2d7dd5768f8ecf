// "14 hours ago" as the API says it, with the full date and time for whoever points at it or listens.
import { instantText } from '../frame/format.ts';

type RelativeTimeProps = { readonly at: string; readonly text: string; readonly timeZone: string };

/** `at`: RFC 3339. */
export function RelativeTime({ at, text, timeZone }: RelativeTimeProps) {
  return (
    <time dateTime={at} title={instantText(at, timeZone)}>
      {text}
    </time>
  );
}
