// The colours of the page for whoever draws on a canvas, where style sheets do not reach.

const names = {
  ink: '--ink',
  soft: '--soft',
  faint: '--faint',
  line: '--line',
  surface: '--surface',
  raised: '--raised',
  accent: '--accent',
  green: '--green',
  amber: '--amber',
  red: '--red',
  none: '--none',
} as const;

export type Tones = Readonly<Record<keyof typeof names | 'font', string>>;

/** As they are at this moment: another theme, other tones. */
export function readTones(): Tones {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const style = window.getComputedStyle(probe);
  const tone = (name: keyof typeof names) => {
    // A custom property reads back as it was written, light-dark() and all; a real one is worked out.
    probe.style.color = `var(${names[name]})`;
    return style.color;
  };
  const tones = {
    ink: tone('ink'),
    soft: tone('soft'),
    faint: tone('faint'),
    line: tone('line'),
    surface: tone('surface'),
    raised: tone('raised'),
    accent: tone('accent'),
    green: tone('green'),
    amber: tone('amber'),
    red: tone('red'),
    none: tone('none'),
    font: window.getComputedStyle(document.documentElement).fontFamily,
  };
  probe.remove();
  return tones;
}
