import { clause } from "../../../../facts/clauses.ts";
import type { IndexedEntry } from "../../../../image/layer-index.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerUses } from "../places.ts";

const SHOWN = 10;

export const rule = defineImageRule({
  meta: {
    id: "leaked-overlay",
    summary: "a layer holds marks of the builder's overlay file system in place of whiteouts",
    severity: "warning",
    confidence: "likely",
  },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const paths = (layer.contents?.index.entries ?? []).filter(isMark).map(({ path }) => `/${path}`);
      if (paths.length === 0) continue;
      report({
        message: `layer ${layer.number} holds ${paths.length === 1 ? "a mark" : `${paths.length} marks`} of an overlay file system`,
        at: { ...at, paths: paths.slice(0, SHOWN), pathCount: paths.length },
        facts: [
          "a character device 0, 0 or the attribute trusted.overlay.opaque removes what lies below on the machine that made it, and nowhere else",
          ...facts,
        ],
        clause: clause("whiteouts"),
        cause: "removed files are there again, or a device that cannot be opened stands in their place",
        remedies: ["make the layer with a tool that writes whiteouts (.wh.NAME), not by packing the upper folder of an overlay"],
      });
    }
  },
});

/** Where a container engine keeps the layers of its own images: an image that brings such images along has marks there by right. */
const STORES = /(?:^|\/)(?:overlay2?|overlay-layers|snapshots|io\.containerd\.snapshotter[^/]*)\//;

const isMark = ({ path, type, device, xattrs }: IndexedEntry): boolean =>
  !STORES.test(path) &&
  ((type === "char" && device?.major === 0 && device.minor === 0) ||
    [...(xattrs?.keys() ?? [])].some((name) => /^(?:trusted|user)\.overlay\.(?:opaque|whiteout|redirect)$/.test(name)));
