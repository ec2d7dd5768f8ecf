// Icons: strokes on a grid of 20, in the colour of the text around them. They only accompany words, so they say nothing
// to a screen reader.

const paths = {
  overview: 'M3.5 16.5v-6M8 16.5v-10M12.5 16.5v-7M17 16.5v-13',
  clients:
    'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 16.5c.5-3 2.5-4.5 5.5-4.5s5 1.5 5.5 4.5M13 4a3 3 0 0 1 0 5.5M15 12.3c1.7.6 2.7 2 3 4.2',
  reports: 'M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15M7.5 10h5M7.5 13.5h5',
  pipeline: 'M2.5 10h3l2-5.5 4 11 2.5-5.5h3.5',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l4 4',
  up: 'M10 16V4.5M5 9.5l5-5 5 5',
  down: 'M10 4v11.5M5 10.5l5 5 5-5',
  right: 'M7.5 4.5 13 10l-5.5 5.5',
  left: 'M12.5 4.5 7 10l5.5 5.5',
  open: 'm5 7.5 5 5 5-5',
  close: 'M5 5l10 10M15 5 5 15',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  download: 'M10 3v9.5M5.5 8.5 10 13l4.5-4.5M3.5 17h13',
  refresh: 'M16.5 4v4h-4M16 8a6.5 6.5 0 1 0 .5 3.5',
  alert: 'M10 3 18 16.5H2zM10 8v4M10 14.2v.1',
  info: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 9v4.5M10 6.3v.1',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z',
  system: 'M3 4h14v9.5H3zM7 17h6M10 13.5V17',
  calendar: 'M3.5 5h13v12h-13zM3.5 8.5h13M7 2.5V6M13 2.5V6',
  filter: 'M3 5h14M5.5 10h9M8 15h4',
  sliders: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  login: 'M8 3.5h8v13H8M3 10h8.5M8.5 6.5 12 10l-3.5 3.5',
  email: 'M2.5 4.5h15v11h-15zM3 5.5l7 5.5 7-5.5',
  message: 'M3 4h14v9.5H9l-4 3.5v-3.5H3z',
  person: 'M10 9.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 17.5c.6-3.7 3-5.5 6.5-5.5s5.9 1.8 6.5 5.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
