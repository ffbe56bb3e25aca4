import { countText } from "../../../../core/quantity.ts";
import type { Comparison, FileDifference, FilesComparison, PlatformComparison } from "../../../against/comparison.ts";
import { defineImageRule } from "../../../rule.ts";
import { firstFacts, firstPaths, list, quote, shortened } from "../../shown.ts";

/** What layers and files tell better. */
const TOLD_BY_LAYERS = "rootfs";

export const rule = defineImageRule({
  meta: {
    id: "differs-from-other",
    summary: "the image differs from the one that it is compared with",
    severity: "info",
    confidence: "certain",
    needs: "against",
  },
  image({ against }, report) {
    if (against === undefined || against.identical) return;
    const tell = (message: string, one?: PlatformComparison): void =>
      report({
        severity: against.mustBeEqual ? "error" : "info",
        message,
        at: one === undefined || one.presence === "only-that" ? {} : { platform: one.platform, ...placesOf(one.files) },
        facts: one?.presence === "both" ? factsOf(one) : [],
        cause: against.mustBeEqual
          ? `it is to be equal to ${quote(against.name)}, and is not: what is built twice from the same differs, or the two were not built from the same`
          : `it was compared with ${quote(against.name)} (${against.digest})`,
        remedies: against.mustBeEqual ? ["set SOURCE_DATE_EPOCH, name bases by digest and versions of packages, and look at what differs first"] : [],
      });
    const differing = against.platforms.filter(({ identical }) => !identical);
    for (const one of differing) tell(messageOf(one, against), one);
    if (differing.length === 0) tell(`every platform is the same as in ${quote(against.name)}; the index differs: its order, its annotations or attestations`);
  },
});

function messageOf({ platform, presence, config, layers, files }: PlatformComparison, { name }: Comparison): string {
  const fields = config.filter(({ field }) => field !== TOLD_BY_LAYERS);
  if (presence === "only-this") return `${platform} is not in ${quote(name)}`;
  if (presence === "only-that") return `${platform} is in ${quote(name)} and not here`;
  const parts = [
    ...(files === undefined ? ["files could not be compared"] : fileParts(files)),
    ...(fields.length === 0 ? [] : [`${list(fields.map(shownField))} of the config ${fields.length === 1 ? "differs" : "differ"}`]),
  ];
  if (parts.length > 0) return `${platform} differs from ${quote(name)}: ${parts.join("; ")}`;
  return layers.onlyThis + layers.onlyThat > 0
    ? `${platform} has the same files and config as in ${quote(name)}, in other layers`
    : `${platform} has the same files, layers and config as in ${quote(name)}, in another manifest`;
}

function fileParts({ added, removed, changed, timesOnly, uncompared }: FilesComparison): readonly string[] {
  const counts = [
    [changed, "changed"],
    [added, "added"],
    [removed, "removed"],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, what], i) => (i === 0 ? `${countText(count, "file")} ${what}` : `${count} ${what}`));
  return [
    ...(told.length === 0 ? [] : [told.join(", ")]),
    ...(timesOnly === 0 ? [] : [`${countText(timesOnly, "file")} with another time and nothing else`]),
    ...(uncompared === 0 ? [] : [`${countText(uncompared, "file")} whose content was not compared`]),
  ];
}

function factsOf({ config, layers, files }: PlatformComparison): readonly string[] {
  const fields = config.filter(({ field }) => field !== TOLD_BY_LAYERS);
  return [
    ...layerFacts(layers),
    ...firstFacts(fields, "field", (one) => `${shownField(one)} is ${shown(one.this)} here, ${shown(one.that)} there`),
    ...(files === undefined
      ? []
      : firstFacts(
          changesIn(files),
          "path",
          ({ path, change, what }) => `${quote(path)} is ${change === "changed" ? `changed: ${list(what)}` : change}`,
          totalOf(files),
        )),
  ];
}

function layerFacts({ shared, onlyThis, onlyThat, repacked }: PlatformComparison["layers"]): readonly string[] {
  const apart = [
    [onlyThis, "only here"],
    [onlyThat, "only there"],
  ] as const;
  const told = [
    ...(shared === 0 ? [] : [`the same in both: ${countText(shared, "layer")}`]),
    ...apart.filter(([count]) => count > 0).map(([count, where]) => `${where}: ${countText(count, "layer")}`),
  ];
  if (repacked > 0) told.push(`only compressed in another way: ${countText(repacked, "layer")}`);
  return told.length === 0 ? [] : [told.join("; ")];
}

/** `config.Env`, what containers run with, is known by its own name. */
const shownField = ({ field }: { readonly field: string }): string => field.replace(/^config\./, "");

const shown = (value: string | undefined): string => (value === undefined ? "not set" : shortened(value));

/** Added, removed and changed ones that are listed; those of which only the time differs are counted, not shown. */
const changesIn = ({ list: all }: FilesComparison): readonly FileDifference[] => all.filter(({ what }) => !(what.length === 1 && what[0] === "mtime"));

const totalOf = ({ added, removed, changed }: FilesComparison): number => added + removed + changed;

const placesOf = (files: FilesComparison | undefined): ReturnType<typeof firstPaths> | undefined =>
  files === undefined || totalOf(files) === 0
    ? undefined
    : firstPaths(
        changesIn(files).map(({ path }) => path),
        totalOf(files),
      );
