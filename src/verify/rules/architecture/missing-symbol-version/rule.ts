import { releasesWithGlibc } from "../../../../facts/loaders.ts";
import type { MissingVersion } from "../../../loader/load.ts";
import { defineImageRule } from "../../../rule.ts";
import { list, quote } from "../../shown.ts";
import { heldFact, loadConfidence, loadSeverity, needFacts, placeIn, startLoads } from "../loader-told.ts";
import { chainFacts, programText } from "../start-told.ts";

export const rule = defineImageRule({
  meta: { id: "missing-symbol-version", summary: "what starts was built with a newer library than the image has", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const told = new Set<string>();
    for (const one of startLoads(image)) {
      const { start, load } = one;
      for (const [path, versions] of byWanting(load.missingVersions)) {
        const [first] = versions;
        if (first === undefined || told.has(path)) continue;
        told.add(path);
        const wanting = path === load.path ? load.file : load.libraries.find((library) => library.path === path)?.file;
        const library = load.libraries.find((each) => each.path === first.path);
        const layer = wanting?.node.source;
        report({
          message: `${path === load.path ? programText(start) : `${path}, which ${load.path} needs,`} wants ${list(versions.map(({ version }) => version))} of ${first.file}, and ${newestText(first)}`,
          at: placeIn(layer, [path, first.path]),
          facts: [
            ...chainFacts(start),
            ...needFacts(load, { name: first.file, neededBy: path }),
            ...(path === load.path ? [] : heldFact(path, layer)),
            ...(library === undefined ? [] : heldFact(library.file.path, library.file.node.source)),
            ...releaseFacts(versions, first),
          ],
          cause: `The loader looks at versions before the program begins, and ends: ${quote(`${load.path}: ${first.path}: version \`${first.version}' not found (required by ${path})`)}.`,
          remedies: [
            "build it in a stage of the same distribution and release as the final stage, or of an older one",
            "take a final stage that is as new as the building one",
            "link it statically: CGO_ENABLED=0 for Go, a *-linux-musl target for Rust",
          ],
          severity: loadSeverity(one),
          confidence: loadConfidence(one),
        });
      }
    }
  },
});

/** By what wants them and of which library. */
function byWanting(missing: readonly MissingVersion[]): ReadonlyMap<string, readonly MissingVersion[]> {
  const groups = new Map<string, MissingVersion[]>();
  for (const version of missing) {
    const before = groups.get(version.wantedBy) ?? [];
    if (before.length === 0) groups.set(version.wantedBy, before);
    // One library's versions make one sentence; mostly they all are of libc.so.6.
    if (before.length === 0 || before[0]?.file === version.file) before.push(version);
  }
  return groups;
}

const newestText = ({ path, newest }: MissingVersion): string => (newest === undefined ? `${path} does not define it` : `${path} has up to ${newest}`);

const GLIBC = /^GLIBC_(\d+\.\d+)/;

function releaseFacts(versions: readonly MissingVersion[], first: MissingVersion): readonly string[] {
  const newest = versions.map(({ version }) => GLIBC.exec(version)?.[1]).findLast((version) => version !== undefined);
  const wanted = newest === undefined ? [] : releasesWithGlibc(newest);
  const has = GLIBC.exec(first.newest ?? "")?.[1];
  return newest === undefined || wanted.length === 0
    ? []
    : [`the first long-lived releases with glibc ${newest} or newer are ${list(wanted)}${has === undefined ? "" : `; the image has glibc ${has}`}`];
}
