import type { Known, Unknown } from "./facts.ts";

export const known = <T>(value: T, source: string): Known<T> => ({ known: true, value, source });

/** @param why  one sentence, lower-case, no full stop @param help  an act */
export const unknown = (state: Unknown["state"], why: string, help: string, source: string): Unknown => ({ known: false, state, why, help, source });

/** What cannot be asked, because of what another question was answered. */
export const unasked = (because: Unknown, source: string): Unknown => ({ ...because, state: "unasked", source });
