// Where one can be: every address of a page as a value, and back.

export type Place =
  | { readonly page: 'home' }
  | { readonly page: 'sign-in' }
  | { readonly page: 'pipeline' }
  | { readonly page: 'overview' | 'clients' | 'reports'; readonly firmId: string }
  | { readonly page: 'client'; readonly firmId: string; readonly clientId: string }
  | { readonly page: 'unknown' };

/** The place at the path of a URL. */
export function placeOf(pathname: string): Place {
  const parts = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const [first, firmId, page, clientId, ...more] = parts;
  if (first === undefined) return { page: 'home' };
  if (parts.length === 1 && (first === 'sign-in' || first === 'pipeline')) return { page: first };
  if (first !== 'firms' || firmId === undefined || more.length > 0) return { page: 'unknown' };
  if (page === undefined) return { page: 'overview', firmId };
  if (clientId !== undefined) return page === 'clients' ? { page: 'client', firmId, clientId } : { page: 'unknown' };
  return page === 'overview' || page === 'clients' || page === 'reports' ? { page, firmId } : { page: 'unknown' };
}

export function pathOf(place: Place): string {
  switch (place.page) {
    case 'home':
    case 'unknown':
      return '/';
    case 'sign-in':
    case 'pipeline':
      return `/${place.page}`;
    case 'client':
      return `/firms/${encodeURIComponent(place.firmId)}/clients/${encodeURIComponent(place.clientId)}`;
    default:
      return `/firms/${encodeURIComponent(place.firmId)}/${place.page}`;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
