// What both elements have in common: which client they are about, where its tile comes from, and that it is shown.
import { openCalls } from './calls.ts';
import { fixedToken, onSettings, pageTokens, serviceAddress, type TokenProvider } from './page.ts';
import { FirmTiles, type TileState } from './tiles.ts';

const watched = ['firm', 'client', 'live', 'token', 'service'] as const;

/** By whoever gives the token, then by service and firm: elements that share all of these share what they ask. */
const sources = new Map<TokenProvider, Map<string, FirmTiles>>();
onSettings(() => {
  for (const firms of sources.values()) for (const tiles of firms.values()) tiles.retry();
});

function sourceOf(provider: TokenProvider, service: string, firm: string): FirmTiles {
  const firms = sources.get(provider) ?? new Map<string, FirmTiles>();
  sources.set(provider, firms);
  const name = `${service} ${firm}`;
  const tiles = firms.get(name) ?? new FirmTiles(openCalls(service, firm, provider));
  firms.set(name, tiles);
  return tiles;
}

export abstract class TileElement extends HTMLElement {
  static readonly observedAttributes = watched;
  #provider: TokenProvider | null = null;
  #leave: (() => void) | null = null;
  #isDue = false;

  /** Gives this element its token, in place of what the page gives to all. */
  get tokenProvider(): TokenProvider | null {
    return this.#provider;
  }

  set tokenProvider(provider: TokenProvider | null) {
    this.#provider = provider;
    this.#viewSoon();
  }

  protected abstract show(state: TileState): void;

  connectedCallback(): void {
    // A page may have set it before this script came.
    if (Object.hasOwn(this, 'tokenProvider')) {
      const early: PropertyDescriptor | undefined = Object.getOwnPropertyDescriptor(this, 'tokenProvider');
      Reflect.deleteProperty(this, 'tokenProvider');
      this.#provider = early?.value ?? null;
    }
    this.#viewSoon();
  }

  disconnectedCallback(): void {
    this.#leave?.();
    this.#leave = null;
  }

  attributeChangedCallback(): void {
    this.#viewSoon();
  }

  /** Once, when all that a page sets in one go is set. */
  #viewSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#leave?.();
      this.#leave = this.isConnected ? this.#view() : null;
    });
  }

  #view(): (() => void) | null {
    const [firm, client, live, token, service] = watched.map((name) => this.getAttribute(name));
    if (!firm || !client) {
      this.show({ kind: 'failed', why: 'This element needs the attributes firm and client.' });
      return null;
    }
    const provider = this.#provider ?? (token ? fixedToken(token) : pageTokens);
    const source = sourceOf(provider, serviceAddress(service ?? null), firm);
    return source.view(client, { live: live !== null, show: (state) => this.show(state) });
  }
}
