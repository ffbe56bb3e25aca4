import { byCodeUnit } from "../core/order.ts";
import { bytesText, countText } from "./quantity.ts";

/** What `pruneText` prints. */
export interface Pruned {
  readonly removed: readonly { readonly kind: string; readonly key: string; readonly bytes: number }[];
  readonly bytes: number;
  readonly kept: { readonly blobs: number; readonly bytes: number };
}

/** What a prune removed, by kind, and what stays. */
export function pruneText(report: Pruned, dryRun: boolean): string {
  const kinds = new Map<string, { count: number; bytes: number }>();
  for (const { kind, bytes } of report.removed) {
    const sum = kinds.get(kind) ?? { count: 0, bytes: 0 };
    kinds.set(kind, { count: sum.count + 1, bytes: sum.bytes + bytes });
  }
  const rows = [...kinds].sort(([a], [b]) => byCodeUnit(a, b)).map(([kind, { count, bytes }]) => `  ${countText(count, kind)}, ${bytesText(bytes)}`);
  const verb = dryRun ? "would free" : "freed";
  return [`${verb} ${bytesText(report.bytes)}`, ...rows, `kept ${countText(report.kept.blobs, "blob")}, ${bytesText(report.kept.bytes)}`].join("\n");
}
