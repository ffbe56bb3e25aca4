import type { Records } from "../../engine/records.ts";

/** Records in memory: for tests. */
export function memoryRecords(): Records {
  const held = new Map<string, Uint8Array>();
  return {
    read: async (kind, key) => held.get(`${kind}\0${key}`),
    write: async (kind, key, bytes) => void held.set(`${kind}\0${key}`, Uint8Array.from(bytes)),
  };
}
