/** A time as Go prints it in JSON: UTC, with no more digits of a second than are needed. */
export const goTime = (ms: number): string => new Date(ms).toISOString().replace(/\.?0+Z$/, "Z");
