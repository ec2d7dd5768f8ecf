// The only place that asks for chance; for spreading retries, never for anything that becomes a fact.

/** A random number from 0 up to, but not including, 1. */
export const chance = (): number => Math.random();
