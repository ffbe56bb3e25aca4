import { byCodeUnit } from "./order.ts";

/**
 * JSON with sorted keys and no white space, for cache keys, golden files and the documents that we write ourselves.
 * Never to re-print a manifest that somebody else wrote: its digest is over the bytes as they came.
 */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item === undefined ? null : item)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([key, field]) => `${JSON.stringify(key)}:${stableJson(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
}
