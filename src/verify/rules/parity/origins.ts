import { countText } from "../../../core/quantity.ts";
import type { ImageLayer } from "../../subject.ts";
import { list, quote } from "../shown.ts";
import type { FileNode } from "./path-table.ts";

/** Layers that one sentence names. */
const LAYERS_SHOWN = 3;

/** Where files come from: `they come from layer 3 (COPY app /app)`; undefined where no layer tells. */
export function originFact(nodes: readonly FileNode[], platform: string): string | undefined {
  const found = new Map<ImageLayer, number>();
  for (const { source } of nodes) if (source !== undefined) found.set(source, (found.get(source) ?? 0) + 1);
  const layers = [...found].sort(([a, n], [b, m]) => m - n || a.number - b.number);
  if (layers.length === 0) return undefined;
  const told = layers.map(([layer, count]) => `${shownLayer(layer)}${layers.length === 1 ? "" : `: ${countText(count, "path")}`}`);
  return `on ${platform} ${nodes.length === 1 ? "it comes" : "they come"} from ${list(told, LAYERS_SHOWN)}`;
}

/** `layer 3 ("COPY app /app")`. */
export const shownLayer = ({ number, createdBy }: Pick<ImageLayer, "number" | "createdBy">): string =>
  createdBy === undefined ? `layer ${number}` : `layer ${number} (${quote(createdBy)})`;
