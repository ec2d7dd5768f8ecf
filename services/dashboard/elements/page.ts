// What a page tells us: where the service is, and who gives tokens. It may say so as `signalfold` before or after this script
// has come, in a meta element, or on an element itself.

/** As the back end got it, or the token alone. */
export type Token = string | { readonly token: string; readonly expiresAt?: string };

/** Asked when a token is needed, and again when that one has expired. Null: there is none. */
export type TokenProvider = (firm: string) => Token | null | Promise<Token | null>;

type PageSettings = { tokens?: TokenProvider | undefined; service?: string | undefined };

declare global {
  interface Window {
    signalfold?: PageSettings;
  }
}

const metaSelector = 'meta[name="signalfold-token"]';
const settings: PageSettings = { ...window.signalfold };
const listeners = new Set<() => void>();
const loadedFrom = addressOfScript();

/** Takes the place of what the page has set so far, so that what it sets from now on is noticed. */
export function openSettings(): void {
  const noticed: PageSettings = {};
  for (const name of ['tokens', 'service'] as const) {
    Object.defineProperty(noticed, name, {
      get: () => settings[name],
      set: (value) => {
        Object.assign(settings, { [name]: value });
        for (const listener of listeners) listener();
      },
    });
  }
  window.signalfold = noticed;
}

export function onSettings(listener: () => void): void {
  listeners.add(listener);
}

/** The service's address without a slash at its end: what an element or the page says, else where this script is from. */
export function serviceAddress(said: string | null): string {
  return new URL(said ?? settings.service ?? loadedFrom, document.baseURI).href.replace(/\/$/, '');
}

/** What the page gives to all elements that have nothing of their own. */
export const pageTokens: TokenProvider = (firm) =>
  settings.tokens?.(firm) ?? document.querySelector<HTMLMetaElement>(metaSelector)?.content ?? null;

const fixed = new Map<string, TokenProvider>();

/** One and the same for one and the same token, so that elements which bring it share what they ask. */
export function fixedToken(token: string): TokenProvider {
  const known = fixed.get(token) ?? (() => token);
  fixed.set(token, known);
  return known;
}

/** A script of type module does not know its own element, and one that is not a module has no other way to know. */
function addressOfScript(): string {
  const script = document.currentScript ?? document.querySelector('script[src*="/elements.js"]');
  return script instanceof HTMLScriptElement ? new URL('.', script.src).href : '/';
}
