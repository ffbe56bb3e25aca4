import { setTimeout as pause } from "node:timers/promises";

/** Asks a node once whether it is there, within a time of its own. Undefined: it is; else what is wrong, as a sentence about it. Never fails. */
export type Look = (signal: AbortSignal) => Promise<string | undefined>;

export interface WatchOptions {
  /** Between two looks while all is well. */
  readonly everyMs?: number;
  /** After one that failed. */
  readonly againMs?: number;
}

/** Looks in a row that must fail: before it ever answered, and later, when work is lost with it. */
const MISSES_AT_FIRST = 2;
const MISSES = 3;

/**
 * Looks at a node again and again: a connection over which nothing comes back says nothing by itself for many minutes.
 * @returns settles with what is wrong once it does not answer; not when `signal` ends it before
 */
export async function watchNode(look: Look, signal: AbortSignal, { everyMs = 3000, againMs = 1000 }: WatchOptions = {}): Promise<string> {
  let answered = false;
  for (let missed = 0; ; ) {
    const wrong = await look(signal);
    if (signal.aborted) return await new Promise<never>(() => {});
    if (wrong === undefined) [answered, missed] = [true, 0];
    else if (++missed >= (answered ? MISSES : MISSES_AT_FIRST)) return wrong;
    await pause(wrong === undefined ? everyMs : againMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
