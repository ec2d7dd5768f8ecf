// What every page stands on: who one is, the firms one may see, and the words for what is told in codes.
import { queryOptions } from '@tanstack/react-query';
import type { Firms, Me, SignIn } from '../../query/wire.ts';
import { ask } from './ask.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => ask<Me>('/v1/me', { signal }),
  staleTime: 5 * 60_000,
});

export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: ({ signal }) => ask<SignIn>('/v1/sign-in', { signal, isOpen: true }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const firmsQuery = queryOptions({
  queryKey: ['firms'],
  queryFn: ({ signal }) => ask<Firms>('/v1/firms', { signal }),
  staleTime: 60_000,
});
