// The firm that was looked at last, for addresses that name none.

const storageKey = 'signalfold.firm';

/** Null when there is no firm at all. */
export function rememberedFirm(firmIds: readonly string[]): string | null {
  const remembered = window.localStorage.getItem(storageKey);
  return firmIds.find((firmId) => firmId === remembered) ?? firmIds[0] ?? null;
}

export function rememberFirm(firmId: string): void {
  window.localStorage.setItem(storageKey, firmId);
}
