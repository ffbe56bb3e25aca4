import { type BuildxMessage, buildkitTakesSeveralOutputs, buildxDoes, dockerTakesSeveralOutputs } from "../facts/buildx.ts";
import type { Fact, Prediction } from "../findings/finding.ts";
import { atomsOf } from "./alternatives.ts";
import { attestationsAsked, attestationTexts } from "./attestations.ts";
import type { ResolvedBuilder } from "./builder-of.ts";
import { exportedCaches } from "./cache-exports.ts";
import type { Environment } from "./environment.ts";
import { type Exporter, exportersOf, hasTag } from "./exporters.ts";
import { indexAnnotations } from "./index-annotations.ts";
import type { Build } from "./operation.ts";
import { platformCount, platformsByNode, severalPlatforms } from "./platform-count.ts";
import { missingBuilderLog, refusalLog } from "./refusal-log.ts";
import { shownText } from "./text.ts";
import { toolRefusals } from "./tool-refusals.ts";

/** What a builder may lack, in the order in which Buildx looks. */
export type Feature =
  | "no-such-builder"
  | "builder-of-other-context"
  | "legacy-flag"
  | "legacy-platforms"
  | "cache-export"
  | "attestations"
  | "several-outputs"
  | "index-annotations"
  | "push-without-tag"
  | "oci-exporter"
  | "load-several-platforms"
  | "load-attestations"
  | "docker-exporter"
  | "push-by-digest"
  | "several-platforms"
  | "exporter-several-nodes"
  | "one-image-of-several-platforms";

export interface Refusal {
  readonly feature: Feature;
  /** Verbatim; no lines for what goes wrong in silence. */
  readonly log: Prediction;
  /** 0 for what goes wrong in silence. */
  readonly exitStatus: number;
  /** All that it hangs on is known. */
  readonly certain: boolean;
  /** Atoms that it hangs on. */
  readonly atoms: readonly string[];
  /** What of the request asks for it (`the build asks for 2 platforms`), with its place. The builder's own facts are `resolved.facts`. */
  readonly facts: readonly Fact[];
}

/** Why this builder will refuse this build: the first is what the log says, each further one shows when those before it are mended. */
export function refusalsOf(build: Build, resolved: ResolvedBuilder, environment: Environment): readonly Refusal[] {
  if (resolved.driver === "legacy" || resolved.driver === "buildah") return toolRefusals(build, resolved);
  const check: Check = { build, resolved, environment, version: environment.buildxVersion, has: hasIndexFeatures(resolved, environment.buildxVersion) };
  if (resolved.missing !== undefined) return missingBuilder(check, resolved.missing);
  if (resolved.noDaemon && resolved.driver === "docker") return [];
  const exporters = exportersOf(build);
  return [
    ...cacheExport(check),
    ...attestations(check),
    ...severalOutputs(check, exporters),
    ...indexLevelAnnotations(check, exporters),
    ...pushWithoutTag(check, exporters),
    ...exporters.flatMap((exporter) => exporterRefusals(check, exporter)),
    ...severalPlatformsAtOnce(check),
    ...severalNodes(check, exporters),
  ];
}

/** A build that is checked. */
interface Check {
  readonly build: Build;
  readonly resolved: ResolvedBuilder;
  readonly environment: Environment;
  readonly version: string | undefined;
  /** Whether the driver has what needs an index: cache export, attestations, several platforms, the OCI and Docker exporters. Undefined: unknown. */
  readonly has: boolean | undefined;
}

/** Only the `docker` driver lacks them, and not with containerd's image store. A driver that nobody knows is not accused. */
function hasIndexFeatures({ driver, store }: ResolvedBuilder, version: string | undefined): boolean | undefined {
  if (driver !== "docker") return true;
  if (store === "classic" || !buildxDoes("containerdStoreIsSeen", version)) return false;
  return store === "containerd" ? true : undefined;
}

interface Asked {
  /** False: it does not. Undefined: it may. */
  readonly wanted: boolean | undefined;
  readonly atoms?: readonly string[];
  readonly facts: readonly Fact[];
  readonly values?: Readonly<Record<string, string>>;
  /** Every builder refuses it. */
  readonly everywhere?: boolean;
}

/** A refusal of what is wanted and not to be had. @param had  false: not to be had */
function refusal({ build, resolved, version }: Check, feature: Feature, message: BuildxMessage, had: boolean | undefined, asked: Asked): readonly Refusal[] {
  if (had === true || asked.wanted === false) return [];
  const driver = resolved.driver;
  const log = refusalLog(message, { driver, ...asked.values }, build.through, version);
  if (log === undefined) return [];
  const certain = (resolved.certain || (asked.everywhere === true && build.through !== "other")) && had === false && asked.wanted === true;
  return [{ feature, log, exitStatus: 1, certain, atoms: asked.atoms ?? [], facts: asked.facts }];
}

function missingBuilder({ build, resolved, version }: Check, missing: "no-such-builder" | "builder-of-other-context"): readonly Refusal[] {
  const log = missingBuilderLog(missing, resolved.name ?? "", build.through, version);
  return [{ feature: missing, log, exitStatus: 1, certain: resolved.certain, atoms: [], facts: resolved.facts }];
}

function cacheExport(check: Check): readonly Refusal[] {
  const caches = exportedCaches(check.build, check.environment);
  const wanted = caches.some((one) => one.certain) ? true : caches.length > 0 ? undefined : false;
  const facts = caches.map(({ text }) => ({ sentence: `the build exports its cache: "${shownText(text)}"`, place: text.place }));
  return refusal(check, "cache-export", "cache-export", check.has, { wanted, atoms: atomsOf(caches.map(({ text }) => text)), facts: facts.slice(0, 1) });
}

function attestations(check: Check): readonly Refusal[] {
  const texts = attestationTexts(check.build);
  const facts = texts.map((text) => ({ sentence: `the build asks for an attestation: "${shownText(text)}"`, place: text.place }));
  return refusal(check, "attestations", "attestations", check.has, {
    wanted: texts.length === 0 ? false : attestationsAsked(check.build),
    atoms: atomsOf(texts),
    facts: facts.slice(0, 1),
  });
}

function severalOutputs(check: Check, exporters: readonly Exporter[]): readonly Refusal[] {
  if (exporters.length < 2) return [];
  const added = exporters.map(({ from }) => from).filter((from) => from !== "output");
  const other = exporters.find(({ from }) => from === "output");
  const message = added.length === 2 ? "push-and-load" : added[0] === "push" ? "push-and-output" : added[0] === "load" ? "load-and-output" : "several-outputs";
  return refusal(check, "several-outputs", message, takesSeveralOutputs(check), {
    wanted: exporters.filter(({ certain }) => certain).length > 1 ? true : undefined,
    atoms: exporters.flatMap(({ atoms }) => atoms),
    facts: [{ sentence: `the build has ${exporters.length} outputs`, place: (exporters[1] as Exporter).place }],
    values: { type: other?.type ?? "…" },
  });
}

function takesSeveralOutputs({ resolved, version }: Check): boolean | undefined {
  if (!buildxDoes("severalOutputs", version)) return false;
  if (resolved.driver === "docker") return dockerTakesSeveralOutputs(resolved.daemon?.version);
  const image = resolved.builder?.driverOptions.get("image");
  const tag = image === undefined ? undefined : /:v(\d+\.\d+\.\d+)/.exec(image)?.[1];
  // Whatever else it is, it is newer than 2024 unless someone took pains to have an old one.
  return tag === undefined ? true : (buildkitTakesSeveralOutputs(tag) ?? true);
}

function indexLevelAnnotations(check: Check, exporters: readonly Exporter[]): readonly Refusal[] {
  if (check.resolved.driver !== "docker") return [];
  const annotations = indexAnnotations(check.build);
  const toImage = exporters.length === 0 || exporters.some(({ type }) => type === "image" || type === "docker");
  const [first] = annotations;
  if (first === undefined || !toImage) return [];
  return refusal(check, "index-annotations", "index-annotations", check.has, {
    wanted: true,
    facts: [{ sentence: `the build annotates the index: "${shownText(first)}"`, place: first.place }],
  });
}

function pushWithoutTag(check: Check, exporters: readonly Exporter[]): readonly Refusal[] {
  // Tags that nobody knows are there: it would be a strange build that has none.
  if (hasTag(check.build) !== false) return [];
  const pushed = exporters.find(({ type, push, named }) => type === "image" && push === true && named === false);
  if (pushed === undefined) return [];
  const facts = [{ sentence: "the build pushes, and has no tag", place: pushed.place }];
  return refusal(check, "push-without-tag", "push-without-tag", false, {
    wanted: pushed.certain ? true : undefined,
    atoms: pushed.atoms,
    facts,
    everywhere: true,
  });
}

function exporterRefusals(check: Check, exporter: Exporter): readonly Refusal[] {
  const { type, certain, atoms, place } = exporter;
  const wanted = certain ? true : undefined;
  if (type === "oci") {
    return refusal(check, "oci-exporter", "oci-exporter", check.has, { wanted, atoms, facts: [{ sentence: "the build writes an OCI archive", place }] });
  }
  if (type === "docker") return dockerExporter(check, exporter);
  if (type === "image" && check.resolved.driver === "docker" && exporter.push !== false && exporter.pushByDigest !== false) {
    const sure = certain && exporter.push === true && exporter.pushByDigest === true;
    return refusal(check, "push-by-digest", "push-by-digest", false, {
      wanted: sure ? true : undefined,
      atoms,
      facts: [{ sentence: "the build pushes by digest", place }],
    });
  }
  return [];
}

/** `--load`, `type=docker`: into the daemon, or into a file. */
function dockerExporter(check: Check, exporter: Exporter): readonly Refusal[] {
  const { build, resolved } = check;
  const { toFile, certain, atoms, place } = exporter;
  const sentence = toFile === true ? "the build writes a Docker archive" : "the build loads its result into Docker";
  const takesIndex = toFile === true ? false : toFile === undefined ? undefined : loadsIndex(check, exporter);
  const several = severalOnANode(check);
  const attested = attestationTexts(build).length === 0 ? false : attestationsAsked(build);
  const message = toFile === true ? "docker-tar-manifest-list" : "load-manifest-list";
  if (takesIndex !== true && (several !== false || attested !== false)) {
    const wanted = certain && (several === true || attested === true) ? true : undefined;
    const fact = several === false ? { sentence: "attestations make an index of an image", place: build.place } : platformsFact(build);
    const why = several === false ? "load-attestations" : "load-several-platforms";
    return refusal(check, why, message, takesIndex, {
      wanted,
      atoms: [...atoms, ...atomsOf(build.platforms.items)],
      facts: [{ sentence, place }, fact],
      everywhere: toFile === true,
    });
  }
  if (toFile !== true) return [];
  const hasExporter = resolved.driver === "kubernetes" && resolved.noDaemon ? false : check.has;
  return refusal(check, "docker-exporter", "docker-exporter", hasExporter, { wanted: certain ? true : undefined, atoms, facts: [{ sentence, place }] });
}

/** Whether the daemon that is loaded into takes an image of several platforms. */
function loadsIndex({ resolved, environment, version }: Check, { context }: Exporter): boolean | undefined {
  if (!buildxDoes("loadThroughContainerd", version)) return false;
  const store = context === "" ? resolved.store : context === undefined ? "unknown" : (environment.contexts.get(context)?.daemon?.store ?? "unknown");
  return store === "unknown" ? undefined : store === "containerd";
}

function severalOnANode({ build, resolved }: Check): boolean | undefined {
  if (resolved.builder === undefined || resolved.builder.nodes.length < 2) return severalPlatforms(build.platforms);
  const counts = platformsByNode(build.platforms, resolved.builder);
  return counts?.some((count) => count > 1);
}

function severalPlatformsAtOnce(check: Check): readonly Refusal[] {
  const { platforms } = check.build;
  return refusal(check, "several-platforms", "several-platforms", check.has, {
    wanted: severalPlatforms(platforms),
    atoms: atomsOf(platforms.items),
    facts: [platformsFact(check.build)],
  });
}

function platformsFact({ platforms, place }: Build): Fact {
  const { least, most } = platformCount(platforms);
  const shown = platforms.items.map(shownText).join(",");
  const count = least === most ? `${least} platforms` : "platforms that may be several";
  return { sentence: `the build asks for ${count}: "${shown}"`, place: platforms.place ?? platforms.items[0]?.place ?? place };
}

/** Results of several nodes can only be put together in a registry. */
function severalNodes(check: Check, exporters: readonly Exporter[]): readonly Refusal[] {
  const { builder } = check.resolved;
  if (builder === undefined || builder.nodes.length < 2) return [];
  const counts = platformsByNode(check.build.platforms, builder);
  if (counts !== undefined && counts.length < 2) return [];
  const exporter = exporters.find(({ type }) => type === "oci" || type === "tar");
  if (exporter === undefined || severalPlatforms(check.build.platforms) === false) return [];
  return refusal(check, "exporter-several-nodes", "exporter-several-nodes", false, {
    wanted: exporter.certain && counts !== undefined ? true : undefined,
    atoms: exporter.atoms,
    facts: [{ sentence: `the build writes one archive of what ${builder.nodes.length} nodes build`, place: exporter.place }],
    values: { type: exporter.type ?? "" },
  });
}
