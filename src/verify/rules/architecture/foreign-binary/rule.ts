import { countText } from "../../../../core/quantity.ts";
import { defineImageRule } from "../../../rule.ts";
import { foreignOf, platformName } from "../../../start/foreign.ts";
import { startsOf } from "../../../start/starts.ts";
import { PATHS_SHOWN } from "../../shown.ts";
import { toldByLoader } from "../loader-told.ts";
import { layerFact, layerPlace, remediesFor } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "foreign-binary",
    summary: "a program or library that does not start first is made for another architecture",
    severity: "warning",
    confidence: "likely",
  },
  platform(image, _subject, report) {
    const told = new Set([...startsOf(image).map(({ path }) => path), ...toldByLoader(image)]);
    for (const { layer, got, files } of foreignOf(image).groups) {
      // What one layer brought with what starts, or with a library that is needed for it, is told there.
      if (files.some(({ path }) => told.has(path))) continue;
      const paths = files.map(({ path }) => path);
      const [first] = files;
      report({
        message: `${paths.length === 1 ? paths[0] : `${countText(paths.length, "file")} of layer ${layer.number}`} ${paths.length === 1 ? "is" : "are"} for ${got}, but ${platformName(image)} needs ${first?.misfit.wanted ?? ""}`,
        at: { layer: layerPlace(layer), paths: paths.slice(0, PATHS_SHOWN), pathCount: paths.length },
        facts: [layerFact(layer)],
        cause: 'When they are used, they end with "exec format error", or a library is not found; the image starts all the same, so that it is seen late.',
        remedies: [...remediesFor(layer), "if they are meant for other machines, keep them in a folder that says so, with one for each platform"],
      });
    }
  },
});
