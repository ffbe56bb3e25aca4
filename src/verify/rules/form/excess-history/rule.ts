import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { configPlace } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "excess-history", summary: "history tells of more layers than there are", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const { config, layers, manifest } = image;
    const made = (config.value?.history ?? []).filter((entry) => entry.empty_layer !== true).length;
    // Where layers and diff_ids differ, that is told instead.
    if (manifest.manifest === undefined || config.value?.rootfs.diff_ids.length !== layers.length || made <= layers.length) return;
    report({
      message: `history tells of ${made} layers, the image has ${layers.length}`,
      at: configPlace(config),
      clause: clause("config"),
      cause: 'Docker refuses such a config: "too many non-empty layers in History section"',
      remedies: ['mark lines of history that made no layer with "empty_layer": true', "leave history out"],
    });
  },
});
