import { countText } from "../../../../core/quantity.ts";
import { defineImageRule } from "../../../rule.ts";
import { foreignOf, platformName } from "../../../start/foreign.ts";
import { PATHS_SHOWN } from "../../shown.ts";
import { layerFact, layerPlace, remediesFor } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "image-of-other-architecture",
    summary: "all programs of a platform's image, or of its base, are made for another architecture",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    const { whole } = foreignOf(image);
    if (whole === undefined) return;
    const [layer] = whole.layers;
    const platform = platformName(image);
    const paths = whole.files.map(({ path }) => path);
    const share =
      whole.fitting === 0
        ? `all ${countText(paths.length, "program")} and libraries`
        : `${paths.length} of ${paths.length + whole.fitting} programs and libraries`;
    report({
      message: `${share} of ${whole.scope === "base" ? `the base of ${platform}` : platform} are for ${whole.got}, not for ${whole.wanted}`,
      at: { ...(layer === undefined ? {} : { layer: layerPlace(layer) }), paths: paths.slice(0, PATHS_SHOWN), pathCount: paths.length },
      facts: whole.layers.map((one) =>
        layerFact(one).replace("holds it", `holds ${countText(whole.files.filter(({ node }) => node.source === one).length, "file")} of it`),
      ),
      cause:
        whole.runs === "never"
          ? 'On a machine of this platform it ends with "exec format error"; where an emulator is registered, as on most machines that build, nobody notices.'
          : "Some machines of this platform run such programs, others do not; and whoever asks for this platform expects another one.",
      remedies: remediesFor(layer),
      severity: whole.runs === "never" ? "error" : "warning",
    });
  },
});
