// How the elements look: style sheets as objects, which a strict content security policy allows. A page changes the looks by
// ::part() and by the custom properties named here; light or dark follows the color-scheme of the place they stand in.

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

export const lozengeStyle = sheet(`
/* As wide as the longest label, whatever is in it, so that nothing beside it moves when its rating comes or changes. */
:host {
  display: inline-block; vertical-align: middle; line-height: 1; text-align: start; font-size: max(.8125em, 12px);
  min-inline-size: var(--signalfold-lozenge-width, 10.4em);
}
:host([hidden]) { display: none; }
[part~="lozenge"] {
  --ink: var(--signalfold-none-ink, light-dark(#48515f, #b6bfcb));
  --wash: var(--signalfold-none-wash, light-dark(#ebeef2, #222833));
  --mark: var(--signalfold-none-mark, light-dark(#848e9e, #7f8998));
  display: inline-flex; align-items: center; gap: .4em; box-sizing: border-box;
  block-size: 1.85em; padding-inline: .65em .8em;
  border: 1px solid transparent;
  border-radius: var(--signalfold-radius, 1em);
  background: var(--wash); color: var(--ink);
  font-weight: 600; line-height: 1; letter-spacing: .005em; white-space: nowrap;
}
[part~="green"] {
  --ink: var(--signalfold-green-ink, light-dark(#0f6339, #86dcab));
  --wash: var(--signalfold-green-wash, light-dark(#e2f4e9, #122b1e));
  --mark: var(--signalfold-green-mark, light-dark(#1c9157, #41bd80));
}
[part~="amber"] {
  --ink: var(--signalfold-amber-ink, light-dark(#764700, #f2c877));
  --wash: var(--signalfold-amber-wash, light-dark(#fdf0d6, #31260f));
  --mark: var(--signalfold-amber-mark, light-dark(#d18407, #e2a63f));
}
[part~="red"] {
  --ink: var(--signalfold-red-ink, light-dark(#97241a, #ffa89e));
  --wash: var(--signalfold-red-wash, light-dark(#fce8e5, #381a17));
  --mark: var(--signalfold-red-mark, light-dark(#d2402f, #ee7264));
}
[part~="unknown"], [part~="failed"] { --mark: currentColor; border-style: dashed; border-color: currentColor; background: none; font-weight: 500; }
[part~="stale"] { border-style: dashed; border-color: currentColor; }
[part~="icon"] {
  flex: none; inline-size: .82em; block-size: .82em; color: var(--mark);
}
[part~="lozenge"][part~="loading"] { min-inline-size: 7em; border-color: transparent; }
@media (prefers-reduced-motion: no-preference) {
  [part~="lozenge"][part~="loading"], [part~="waiting"] { animation: wait 1.6s ease-in-out infinite; }
  @keyframes wait { 50% { opacity: .45; } }
}
@media (forced-colors: active) { [part~="lozenge"] { border-color: CanvasText; } }
`);

export const cardStyle = sheet(`
:host { display: block; line-height: 1.4; min-inline-size: 0; font-size: 1em; }
[part~="card"] {
  --soft: var(--signalfold-soft, light-dark(#565f6e, #a3acb9));
  --line: var(--signalfold-line, light-dark(#e3e6ec, #252b35));
  box-sizing: border-box; max-inline-size: 22rem; padding: 1rem 1.125rem;
  border: 1px solid var(--line); border-radius: var(--signalfold-card-radius, .75rem);
  background: var(--signalfold-surface, light-dark(#fff, #14181f)); color: var(--signalfold-ink, light-dark(#171a21, #e9ebef));
  font-size: .875rem; font-variant-numeric: tabular-nums;
}
dl, dd, p { margin: 0; }
[part~="rows"] { display: grid; gap: .625rem; }
[part~="row"] { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; min-block-size: 1.4em; }
[part~="name"], [part~="heading"] { color: var(--soft); }
[part~="value"] { text-align: end; font-weight: 500; }
[part~="access"] [part~="value"] { font-weight: 650; }
[part~="engagement"] { align-items: center; }
[part~="engagement"] [part~="value"] { block-size: 1.5rem; display: flex; align-items: center; font-size: .8125rem; }
[part~="last-login"]:has([part~="waiting"]) { min-block-size: 2.7em; }
[part~="relative"], [part~="instant"] { display: block; }
[part~="instant"] { color: var(--soft); font-weight: 400; font-size: .8125rem; }
[part~="heading"] { margin-block: .875rem .375rem; padding-block-start: .875rem; border-block-start: 1px solid var(--line); }
[part~="counts"] { display: grid; grid-template-columns: repeat(3, 1fr); gap: .5rem; }
[part~="count"] { flex-direction: column-reverse; justify-content: flex-end; align-items: flex-start; gap: 0; }
[part~="count"] [part~="value"] { font-size: 1.375rem; font-weight: 600; line-height: 1.3; min-block-size: 1.3em; }
[part~="count"] [part~="name"] { font-size: .8125rem; }
[part~="note"] { margin-block-start: .75rem; color: var(--soft); font-size: .8125rem; }
[part~="note"]:first-child { margin: 0; }
[part~="waiting"] {
  display: inline-block; inline-size: 5em; block-size: .8em; border-radius: .4em; background: var(--line);
}
[part~="count"] [part~="waiting"] { inline-size: 1.4em; }
[part~="unseen"] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`);
