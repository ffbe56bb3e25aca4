import { countText } from "../../../../core/quantity.ts";
import { misfitOf } from "../../../binary/fit.ts";
import { defineImageRule } from "../../../rule.ts";
import { foreignOf, isOfOtherArchitecture, isToldForeign, platformName } from "../../../start/foreign.ts";
import type { Start } from "../../../start/start.ts";
import { startsOf } from "../../../start/starts.ts";
import type { PlatformImage } from "../../../subject.ts";
import { PATHS_SHOWN } from "../../shown.ts";
import { chainFacts, confidenceOf, oncePerProgram, placeOf, programText, remediesFor, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-of-other-architecture",
    summary: "the program that a container starts with is made for another architecture",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    const told = new Set<string>();
    for (const start of oncePerProgram(foreignStarts(image))) {
      const misfit = start.what.kind === "binary" ? misfitOf(start.what.binary, image.platform) : undefined;
      const layer = start.node?.source;
      const cause = `${layer?.number ?? ""} ${misfit?.got ?? ""}`;
      // What one layer brought with it is one mistake.
      if (misfit === undefined || told.has(cause)) continue;
      told.add(cause);
      const others =
        foreignOf(image)
          .groups.find((group) => group.layer === layer && group.got === misfit.got)
          ?.files.filter(({ path }) => path !== start.path) ?? [];
      const place = placeOf(start);
      report({
        message: `${programText(start)} is for ${misfit.got}, but ${platformName(image)} needs ${misfit.wanted}`,
        at: { ...place, paths: [...(place.paths ?? []), ...others.map(({ path }) => path)].slice(0, PATHS_SHOWN), pathCount: others.length + 1 },
        facts: [
          ...chainFacts(start),
          ...(others.length === 0 ? [] : [`${countText(others.length, "other file")} of the same layer ${others.length === 1 ? "is" : "are"} for it, too`]),
        ],
        cause:
          misfit.runs === "never"
            ? 'The container ends with "exec format error" on a machine of this platform; where an emulator is registered, as on most machines that build, nobody notices.'
            : "Some machines of this platform run such programs, others do not.",
        remedies: remediesFor(layer),
        severity: misfit.runs === "never" ? severityOf(start) : "warning",
        confidence: confidenceOf(start),
      });
    }
  },
});

const foreignStarts = (image: PlatformImage): readonly Start[] =>
  startsOf(image).filter(({ what, path }) => {
    const misfit = what.kind === "binary" ? misfitOf(what.binary, image.platform) : undefined;
    return misfit !== undefined && isOfOtherArchitecture(misfit) && path !== undefined && !isToldForeign(image, path);
  });
