import { clause } from "../../../../facts/clauses.ts";
import type { IndexedEntry } from "../../../../image/layer-index.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerUses } from "../places.ts";

const SHOWN = 10;

export const rule = defineImageRule({
  meta: { id: "repeated-path", summary: "a layer holds a file twice", severity: "info", confidence: "certain" },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const paths = repeated(layer.contents?.index.entries ?? []);
      if (paths.length === 0) continue;
      report({
        message: `layer ${layer.number} holds ${paths.length === 1 ? "a file" : `${paths.length} files`} twice`,
        at: { ...at, paths: paths.slice(0, SHOWN).map((path) => `/${path}`), pathCount: paths.length },
        facts,
        clause: clause("layer-format"),
        cause: "runtimes take the last one; tools that look for a file in the layer find the first",
        remedies: ["pack the layer with each path once"],
      });
    }
  },
});

/** Folders are left out: naming one again changes at most its mode. */
function repeated(entries: readonly IndexedEntry[]): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { path, type } of entries) {
    if (type === "directory") continue;
    if (seen.has(path)) twice.add(path);
    seen.add(path);
  }
  return [...twice];
}
