// Light or dark: as the system has it, unless one of them was chosen here.
import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'signalfold.theme';
const listeners = new Set<() => void>();
const system = window.matchMedia('(prefers-color-scheme: dark)');
let chosen: Theme = themes.find((theme) => theme === window.localStorage.getItem(storageKey)) ?? 'system';

function apply(): void {
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  for (const listener of listeners) listener();
}
system.addEventListener('change', apply);
apply();

export function chooseTheme(theme: Theme): void {
  chosen = theme;
  window.localStorage.setItem(storageKey, theme);
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => chosen);
}

/** What is seen: for what takes its colours when it is drawn, as charts do. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => (chosen === 'system' ? system.matches : chosen === 'dark'));
}
