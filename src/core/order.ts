/** Order by code units: the same on every machine. `localeCompare` is not. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
