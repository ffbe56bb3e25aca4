import { remembered } from "../../../core/remembered.ts";
import { isBroughtAtStart } from "../../../facts/loaders.ts";
import type { Confidence, Severity } from "../../../findings/finding.ts";
import { misfitOf } from "../../binary/fit.ts";
import type { ImagePlace } from "../../finding.ts";
import { type Load, loadOf, type MissingLibrary } from "../../loader/load.ts";
import { foreignOf, isOfOtherArchitecture } from "../../start/foreign.ts";
import type { Start } from "../../start/start.ts";
import { startsOf } from "../../start/starts.ts";
import type { ImageLayer, PlatformImage } from "../../subject.ts";
import { layerFact, layerPlace, oncePerProgram, severityOf } from "./start-told.ts";

/** A program that starts, and what its loader will do. */
export interface StartLoad {
  readonly start: Start;
  readonly load: Load;
}

/**
 * Programs that start and have a loader, each once. None where other rules tell that they, or the whole base, are of another architecture: what their loader finds
 * follows from that.
 */
export const startLoads: (image: PlatformImage) => readonly StartLoad[] = remembered((image) => {
  if (image.platform.os !== "linux" || foreignOf(image).whole !== undefined) return [];
  return oncePerProgram(startsOf(image)).flatMap((start) => {
    if (start.what.kind !== "binary" || start.path === undefined || isForeign(start, image)) return [];
    const load = loadOf(image, start.path);
    return load?.interpreter === undefined ? [] : [{ start, load }];
  });
});

function isForeign({ what }: Start, image: PlatformImage): boolean {
  const misfit = what.kind === "binary" ? misfitOf(what.binary, image.platform) : undefined;
  return misfit !== undefined && isOfOtherArchitecture(misfit) && misfit.runs === "never";
}

/** Why a library is not found. `brought`: it comes when a container starts. */
export type MissingKind = "brought" | "refused" | "foreign" | "uncached" | "broken-link" | "absent";

export function missingKind({ name, refused, foreign, uncached, brokenLinks }: MissingLibrary): MissingKind {
  if (isBroughtAtStart(name)) return "brought";
  if (refused !== undefined) return "refused";
  if (foreign.length > 0) return "foreign";
  if (uncached !== undefined) return "uncached";
  return brokenLinks.length > 0 ? "broken-link" : "absent";
}

/** Programs that miss libraries for one reason, with these; a library that several miss is told with the first one. */
export function missingAtStart(image: PlatformImage, kind: MissingKind): readonly (StartLoad & { readonly missing: readonly MissingLibrary[] })[] {
  const told = new Set<string>();
  return startLoads(image).flatMap((one) => {
    // A program of glibc on musl by a layer between them: what that one brings is not known.
    if (one.load.madeFor !== one.load.libc) return [];
    const missing = one.load.missing.filter((library) => missingKind(library) === kind && !told.has(library.name));
    for (const { name } of missing) told.add(name);
    return missing.length === 0 ? [] : [{ ...one, missing }];
  });
}

/** Who needs whom, from the program to the library that is missing: `/app needs libfoo.so.1, which is /usr/lib/libfoo.so.1`. */
export function needFacts(load: Load, library: { readonly name: string; readonly neededBy: string }): readonly string[] {
  const facts = [`${library.neededBy} needs ${library.name}`];
  const seen = new Set<string>();
  for (let at = library.neededBy; at !== load.path && !seen.has(at); ) {
    seen.add(at);
    const by = load.libraries.find(({ path }) => path === at);
    if (by === undefined) break;
    facts.unshift(`${by.neededBy} needs ${by.name}, which is ${by.path} (${by.why})`);
    at = by.neededBy;
  }
  return facts;
}

/** `it was looked for in /a, /b and /c`. */
export const searchedFact = ({ searched }: MissingLibrary): readonly string[] =>
  searched.length === 0
    ? []
    : [`it was looked for in ${searched.slice(0, FOLDERS_SHOWN).join(", ")}${searched.length > FOLDERS_SHOWN ? " and further folders" : ""}`];

const FOLDERS_SHOWN = 8;

/** What a loader's word is worth: a script or a line before it may set LD_LIBRARY_PATH, which is not seen. */
export function loadConfidence({ start, load }: StartLoad): Confidence {
  if (!load.whole || before(start).some(({ words }) => words.some((word) => word.includes("LD_LIBRARY_PATH")))) return "possible";
  return start.certain && !before(start).some(isScript) ? "certain" : "likely";
}

export function loadSeverity(one: StartLoad): Severity {
  return before(one.start).some(isScript) ? "warning" : severityOf(one.start);
}

const isScript = ({ what }: Start): boolean => what.kind === "script";

function before(start: Start): readonly Start[] {
  const all: Start[] = [];
  for (let at = start.by; at !== undefined; at = at.by) all.push(at);
  return all;
}

/** `layer 2 holds /usr/lib/libfoo.so, made by COPY lib /usr/lib`; nothing where no layer tells of it. */
export function heldFact(path: string, layer: ImageLayer | undefined): readonly string[] {
  return layer === undefined ? [] : [layerFact(layer).replace(" holds it", ` holds ${path}`)];
}

/** Files of other architectures that rules of loaders tell, as what keeps a program from starting: a stray file is told no second time. */
export const toldByLoader: (image: PlatformImage) => ReadonlySet<string> = remembered((image) => {
  const loads = startLoads(image).map(({ load }) => load);
  const passedOver = loads.flatMap(({ missing, missingPreloads }) => [...missing, ...missingPreloads].flatMap(({ foreign }) => foreign));
  return new Set([...passedOver, ...loads.flatMap(({ interpreter }) => interpreter?.found ?? [])].map(({ path }) => path));
});

/** A place in the layer that holds the program, with further paths. */
export function placeIn(layer: ImageLayer | undefined, paths: readonly string[]): ImagePlace {
  const all = [...new Set(paths)];
  return { ...(layer === undefined ? {} : { layer: layerPlace(layer) }), paths: all.slice(0, PATHS), ...(all.length > PATHS ? { pathCount: all.length } : {}) };
}

const PATHS = 10;
