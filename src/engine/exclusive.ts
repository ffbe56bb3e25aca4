import type { Digest } from "../core/digest.ts";

/**
 * Runs `act` while no other process that shares the store does anything under the same key: two builds of the same thing work once. Declared here (the engine needs it),
 * implemented by the store. A holder that was killed holds nothing.
 */
export type Exclusive = <T>(key: Digest, act: () => Promise<T>, signal: AbortSignal) => Promise<T>;
