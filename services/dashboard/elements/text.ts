// Instants as the reader's browser writes them. Words that follow a rule ("14 hours ago", "At Risk") come from the API.

const format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
  dateStyle: 'medium',
  timeStyle: 'short',
});
const dayFormat = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: 'medium' });

/** `instant`: RFC 3339. */
export function instantText(instant: string): string {
  return format.format(new Date(instant));
}

export function dayText(instant: string): string {
  return dayFormat.format(new Date(instant));
}
