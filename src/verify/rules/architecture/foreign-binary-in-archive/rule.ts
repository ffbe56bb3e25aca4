import { countText } from "../../../../core/quantity.ts";
import type { Misfit } from "../../../binary/fit.ts";
import { defineImageRule } from "../../../rule.ts";
import { foreignOf, platformName } from "../../../start/foreign.ts";
import type { ImageLayer } from "../../../subject.ts";
import { firstFacts, firstPaths, quote } from "../../shown.ts";
import { layerFact, layerPlace } from "../start-told.ts";
import { type ForeignArchive, foreignArchivesOf } from "./foreign-archives.ts";

export const rule = defineImageRule({
  meta: {
    id: "foreign-binary-in-archive",
    summary: "an archive holds native code of this system, and none of it is for this architecture",
    severity: "warning",
    confidence: "likely",
  },
  platform(image, _subject, report) {
    if (foreignOf(image).whole?.scope === "image") return;
    for (const { layer, misfit, archives } of grouped(foreignArchivesOf(image))) {
      const names = archives.map(({ name }) => name);
      const subject = names.length === 1 ? `${quote(names[0] ?? "")} holds` : `${countText(names.length, "archive")} of layer ${layer.number} hold`;
      const paths = [...new Set(archives.map(({ path }) => path))];
      report({
        message: `${subject} native code for ${misfit.got} alone, but ${platformName(image)} needs ${misfit.wanted}`,
        at: { layer: layerPlace(layer), ...firstPaths(paths) },
        facts: [layerFact(layer), ...firstFacts(archives, "archive", ({ name, first }) => `${quote(name)} holds ${quote(first)}`)],
        cause:
          "Java, Python or Node.js unpack or load such code when it is first used; on this platform they do not find any that the processor runs, and fail then.",
        remedies: [
          "resolve packages within the build for the platform, not on the machine that builds: without --platform=$BUILDPLATFORM, or with the platform told to the package manager",
          "let the package's classifier or file name follow TARGETARCH (linux-x86_64, linux-aarch_64), or take the package that holds the code of all platforms",
        ],
      });
    }
  },
});

interface Group {
  readonly layer: ImageLayer;
  readonly misfit: Misfit;
  readonly archives: ForeignArchive[];
}

/** By layer and what the code is for. */
function grouped(all: readonly ForeignArchive[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const archive of all) {
    const key = `${archive.layer.number} ${archive.misfit.got}`;
    const group = groups.get(key) ?? { layer: archive.layer, misfit: archive.misfit, archives: [] };
    groups.set(key, group);
    group.archives.push(archive);
  }
  return [...groups.values()].sort((a, b) => a.layer.number - b.layer.number);
}
