// What a query string may hold: a misspelt parameter is an error, because passing over it would answer another question
// than was asked.
import { z } from 'zod';

export function queryParameters<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code, keys }) => {
      if (code !== 'unrecognized_keys') return undefined;
      return `there is no parameter ${String(keys)}; there are ${Object.keys(shape).join(', ')}`;
    },
  });
}
