import { byCodeUnit } from "../core/order.ts";
import { ageText, bytesText, countText } from "../core/quantity.ts";
import { clean } from "./clean.ts";

/** What `pruneText` prints. */
export interface Pruned {
  readonly removed: readonly { readonly kind: string; readonly key: string; readonly bytes: number; readonly usedMs?: number }[];
  readonly bytes: number;
  readonly kept: { readonly blobs: number; readonly bytes: number; readonly sandbox?: { readonly items: number; readonly bytes: number } };
  readonly unreached?: string;
}

export interface PruneTextOptions {
  readonly dryRun: boolean;
  /** Each thing on a line of its own. */
  readonly verbose: boolean;
  /** Milliseconds since 1970: ages are told from here. */
  readonly nowMs: number;
}

/** What a prune removed, by kind, and what stays. */
export function pruneText(report: Pruned, { dryRun, verbose, nowMs }: PruneTextOptions): string {
  const kinds = new Map<string, { count: number; bytes: number; oldestMs: number }>();
  for (const { kind, bytes, usedMs } of report.removed) {
    const sum = kinds.get(kind) ?? { count: 0, bytes: 0, oldestMs: Number.POSITIVE_INFINITY };
    kinds.set(kind, { count: sum.count + 1, bytes: sum.bytes + bytes, oldestMs: Math.min(sum.oldestMs, usedMs ?? Number.POSITIVE_INFINITY) });
  }
  const rows = [...kinds]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([kind, { count, bytes, oldestMs }]) => `  ${countText(count, wordsOf(kind))}, ${bytesText(bytes)}${ageOf(oldestMs, nowMs, ", the oldest ")}`);
  const items = verbose
    ? report.removed.map(
        ({ kind, key, bytes, usedMs }) => `  ${wordsOf(kind)} ${clean(key)}, ${bytesText(bytes)}${ageOf(usedMs ?? Number.POSITIVE_INFINITY, nowMs, ", ")}`,
      )
    : [];
  const { blobs, bytes, sandbox } = report.kept;
  return [
    ...items,
    `${dryRun ? "would free" : "freed"} ${bytesText(report.bytes)}`,
    ...rows,
    `kept ${countText(blobs, "blob")}, ${bytesText(bytes)}${sandbox === undefined ? "" : `; ${bytesText(sandbox.bytes)} of the sandbox`}`,
    ...(report.unreached === undefined ? [] : [`unpacked layers and cache mounts are left alone: ${report.unreached}`]),
  ].join("\n");
}

const wordsOf = (kind: string): string => kind.replaceAll("-", " ");

const ageOf = (usedMs: number, nowMs: number, before: string): string => (Number.isFinite(usedMs) ? `${before}used ${ageText(nowMs - usedMs)} ago` : "");
