import type { Records } from "../engine/records.ts";
import type { ScanMemory } from "../verify/scan/scanner.ts";

/** What was seen in layers, in the store. */
export const contentsMemory = (records: Records): ScanMemory => ({
  read: (key) => records.read("contents", key),
  write: (key, bytes) => records.write("contents", key, bytes),
});
