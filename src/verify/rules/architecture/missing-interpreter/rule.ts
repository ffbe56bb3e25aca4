import { countText } from "../../../../core/quantity.ts";
import { misfitOf } from "../../../binary/fit.ts";
import { imageFiles } from "../../../loader/image-files.ts";
import { type Libc, type Load, loadOf } from "../../../loader/load.ts";
import { defineImageRule } from "../../../rule.ts";
import { isNamedForMachine } from "../../../start/bundled.ts";
import { foreignOf } from "../../../start/foreign.ts";
import type { PlatformImage } from "../../../subject.ts";
import { firstPaths, list, quote } from "../../shown.ts";
import { startLoads } from "../loader-told.ts";
import { chainFacts, confidenceOf, layerFact, placeOf, programText, severityOf } from "../start-told.ts";
import { loaderStory } from "./story.ts";

export const rule = defineImageRule({
  meta: { id: "missing-interpreter", summary: "the dynamic loader that a program asks for is not in the image", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const told = new Set<string>();
    for (const { start, load } of startLoads(image)) {
      const path = missingLoader(load);
      if (path === undefined || told.has(path)) continue;
      told.add(path);
      const story = loaderStory(image, path, load.madeFor);
      report({
        message: `${programText(start)} needs the loader ${quote(path)}, which ${load.interpreter?.found === undefined ? "is not in the image" : "is no program"}${story.because}`,
        at: placeOf(start),
        facts: [...chainFacts(start), ...story.facts],
        cause: `Linux starts a dynamic program through its loader. Without it the container ends with "exec ${start.path}: no such file or directory", though the program is there.`,
        remedies: story.remedies,
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
    for (const [path, programs] of othersByLoader(image, told)) {
      const [first] = programs;
      const story = loaderStory(image, path, first?.madeFor ?? "unknown");
      report({
        message: `${programs.length === 1 ? (first?.path ?? "") : countText(programs.length, "program")} ${programs.length === 1 ? "needs" : "need"} the loader ${quote(path)}, which is not in the image${story.because}`,
        at: firstPaths(programs.map((program) => program.path)),
        facts: [...layerFacts(programs), ...story.facts],
        cause: 'When such a program is run, it ends with "no such file or directory" or "not found"; the image starts all the same, so that it is seen late.',
        remedies: story.remedies,
        severity: "warning",
        confidence: "likely",
      });
    }
  },
});

/** The path that leads to nothing, or to what is no ELF file. */
const missingLoader = ({ interpreter }: Load): string | undefined =>
  interpreter !== undefined && interpreter.found?.binary === undefined ? interpreter.path : undefined;

/** Programs that do not start first, by the loader that they miss. */
function othersByLoader(
  image: PlatformImage,
  told: ReadonlySet<string>,
): ReadonlyMap<string, readonly { readonly path: string; readonly madeFor: Libc; readonly load: Load }[]> {
  const found = new Map<string, { path: string; madeFor: Libc; load: Load }[]>();
  if (image.platform.os !== "linux" || foreignOf(image).whole !== undefined) return found;
  for (const [path, node] of image.files?.walk() ?? []) {
    const binary = node.type === "file" && (node.mode & 0o111) !== 0 ? node.source?.contents?.binaries.get(node.offset) : undefined;
    if (binary?.format !== "elf" || binary.interpreter === undefined || binary.damage !== undefined) continue;
    if (DEBUG_FILES.test(path) || isNamedForMachine(path) || misfitOf(binary, image.platform) !== undefined) continue;
    const loader = binary.interpreter;
    if (told.has(loader) || !loader.startsWith("/") || imageFiles(image)?.open(loader) !== undefined) continue;
    const load = loadOf(image, path);
    if (load === undefined) continue;
    const programs = found.get(loader) ?? [];
    found.set(loader, programs);
    programs.push({ path: `/${path}`, madeFor: load.madeFor, load });
  }
  return found;
}

/** Of debuggers, which load them without a loader. */
const DEBUG_FILES = /^usr\/lib\/debug\/|\.debug$/;

function layerFacts(programs: readonly { readonly load: Load }[]): readonly string[] {
  const layers = new Set(programs.flatMap(({ load }) => load.file.node.source ?? []));
  const [only] = layers;
  if (layers.size === 1 && only !== undefined) return [programs.length === 1 ? layerFact(only) : layerFact(only).replace(" holds it", " holds them")];
  return [`layers ${list([...layers].map(({ number }) => `${number}`))} hold them`];
}
