import type { HistoryEntry } from "../../image/config.ts";
import type { ImagePlan } from "../../plan/graph.ts";
import { goTime } from "./go-time.ts";

/** A layer of the finished image, as its history needs it. */
export interface HistoryLayer {
  /** Milliseconds since 1970; absent for a layer of the base. */
  readonly createdMs?: number;
  /** What made it, for a history that lacks an entry. */
  readonly description: string;
}

/**
 * The history of an image, every entry with a time: that of its layer, or of the layer before it, or of the first new layer.
 * With an epoch no new entry is later, and those without a time have it.
 * @see moby/buildkit exporter/containerimage/writer.go normalizeLayersAndHistory and patchImageConfig, read 2026-11-22
 */
export function finishHistory(plan: Pick<ImagePlan, "history" | "baseHistory">, layers: readonly HistoryLayer[], epoch: number | undefined): HistoryEntry[] {
  const own = plan.history.map(({ layer: _layer, ...entry }) => entry);
  let entries = matchLayers([...plan.baseHistory, ...own], layers);
  let layerIndex = 0;
  entries = entries.map((entry) => {
    if (entry.empty_layer === true) return entry;
    const createdMs = layers[layerIndex++]?.createdMs;
    return entry.created !== undefined || createdMs === undefined ? entry : withTime(entry, goTime(createdMs));
  });
  entries = fillTimes(entries);
  if (epoch === undefined) return entries;
  const latest = goTime(epoch * 1000);
  return entries.map((entry, i) =>
    i < plan.baseHistory.length || (entry.created !== undefined && Date.parse(entry.created) <= epoch * 1000) ? entry : withTime(entry, latest),
  );
}

/** As many entries with a layer as there are layers: too many lose theirs from the end, missing ones are told by the layers. */
function matchLayers(entries: readonly HistoryEntry[], layers: readonly HistoryLayer[]): HistoryEntry[] {
  let used = 0;
  const kept = entries.map((entry) => {
    if (entry.empty_layer === true) return entry;
    if (used++ < layers.length) return entry;
    return { ...entry, empty_layer: true };
  });
  const told = layers.slice(Math.min(used, layers.length)).map(({ description, createdMs }) => ({
    ...(createdMs === undefined ? {} : { created: goTime(createdMs) }),
    created_by: description,
    comment: "buildkit.exporter.image.v0",
  }));
  return [...kept, ...told];
}

function fillTimes(entries: readonly HistoryEntry[]): HistoryEntry[] {
  const firstWithout = entries.findIndex((entry) => entry.created === undefined);
  if (firstWithout === -1) return [...entries];
  let created =
    entries.slice(firstWithout).find((entry) => entry.created !== undefined)?.created ??
    entries.slice(0, firstWithout).findLast((entry) => entry.created !== undefined)?.created;
  let seenWithout = false;
  return entries.map((entry) => {
    if (entry.created !== undefined) {
      if (seenWithout) created = entry.created;
      return entry;
    }
    seenWithout = true;
    return created === undefined ? entry : withTime(entry, created);
  });
}

/** `created` first, as Go prints it. */
const withTime = (entry: HistoryEntry, created: string): HistoryEntry => ({ ...entry, created });
