import { nearest } from "../core/nearest.ts";
import { bestMatch, formatPlatform, type Platform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../core/reference.ts";
import type { ComplaintList } from "./complaints.ts";
import type { FindContext } from "./named-contexts.ts";
import { type ImageResolver, type ImageSource, platformMissing, type ResolvedImage } from "./ports.ts";
import type { NamedContext } from "./request.ts";
import { contextVertex, imageVertex } from "./source-vertices.ts";
import { type StageNode, stepOf } from "./stage-node.ts";
import { configPlatform, imageState, type StageState, scratchState } from "./stage-state.ts";
import type { VertexTable } from "./vertices.ts";

export interface BaseFinder {
  readonly images: ImageResolver;
  readonly findContext: FindContext;
  readonly target: Platform;
  /** No platform was asked for: a base without an index then decides the platform. */
  readonly implicit: boolean;
  readonly vertices: VertexTable;
  readonly complaints: ComplaintList;
  /** For hints when an image is not found. */
  readonly stageNames: readonly string[];
}

/**
 * Finds what a stage that is built upon no other starts from. A base that cannot be had becomes a complaint at FROM, and the node stays without state.
 * @returns what makes the node's vertices and sets its state: to be called in a fixed order, whatever order the answers came in
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go `resolveBaseImage`, read 2026-11-22
 */
export async function findBase(node: StageNode, finder: BaseFinder): Promise<() => void> {
  try {
    const make = await starting(node, finder);
    return () => {
      if (make !== undefined) node.state = make();
    };
  } catch (error) {
    const near = isProblem(error) && node.image !== undefined ? nearest(node.image, finder.stageNames) : undefined;
    // A stage's name that is mistyped is looked for as an image; registries say "denied" for what they do not have.
    const mistyped = near !== undefined && isProblem(error) && /^(?:reference-malformed|registry-(?:not-found|unauthorized|denied))$/.test(error.code);
    return () => finder.complaints.caught(node.place, error, mistyped ? `did you mean the stage "${near}"?` : undefined);
  }
}

async function starting(node: StageNode, finder: BaseFinder): Promise<(() => StageState) | undefined> {
  const { findContext, target, vertices, complaints } = finder;
  const platform = node.platform ?? target;
  if (node.override !== undefined) {
    const { name, context } = node.override;
    const make = await fromContext(name, context, platform, finder);
    // BuildKit knows no config for files in a stage's place, not even the one of scratch.
    return context.kind === "files" || context.kind === "scratch" ? () => ({ ...make(), config: {} }) : make;
  }
  if (node.image === undefined) return undefined;
  if (node.image === "scratch") return () => scratchState(target);
  const reference = formatReference(withDefaultTag(parseReference(node.image)));
  const replaced = findContext(reference, platform);
  if (replaced !== undefined) return fromContext(replaced.name, replaced.context, platform, finder);
  const image = await resolve({ kind: "registry", reference }, platform, node.platform !== undefined, finder);
  // Without an index nothing but the config tells what the image is for; it decides where nobody asked for a platform.
  const own = configPlatform(image.config);
  const actual = own === undefined || fits(platform, image) ? platform : own;
  return () => {
    if (actual !== platform) complaints.warn(node.place, `"${image.reference}" is for ${formatPlatform(actual)} only, and so is what is built upon it`);
    if (image.manifest.value.layers.length === 0) return imageState(image.config, actual, { layers: [] });
    const step = node.steps.total === 0 ? {} : { step: stepOf(node) };
    const label = { ...step, platform: formatPlatform(actual), text: `FROM ${image.reference}` };
    return imageState(image.config, actual, { base: imageVertex(vertices, image, actual, node.place, label), layers: [] });
  };
}

async function fromContext(name: string, context: NamedContext, platform: Platform, finder: BaseFinder): Promise<() => StageState> {
  const { vertices } = finder;
  if (context.kind === "scratch") return () => scratchState(platform);
  if (context.kind === "files") return () => scratchState(platform, { base: contextVertex(vertices, name), layers: [] });
  const image = await resolve(context, platform, false, finder);
  const label = { platform: formatPlatform(platform), text: `[context ${name}] ${image.reference}` };
  return () => imageState(image.config, platform, { base: imageVertex(vertices, image, platform, undefined, label), layers: [] });
}

/** Resolves, and refuses an image without an index that is for another platform, unless nobody asked for one. */
async function resolve(source: ImageSource, platform: Platform, pinned: boolean, { images, implicit }: BaseFinder): Promise<ResolvedImage> {
  const image = await images.resolve(source, platform);
  const own = configPlatform(image.config);
  if ((pinned || !implicit) && own !== undefined && !fits(platform, image)) throw platformMissing(image.reference, platform, [own]);
  return image;
}

/** A config that names no variant may be for any: publishers leave it out. */
function fits(platform: Platform, { config }: ResolvedImage): boolean {
  const own = configPlatform(config);
  if (own === undefined || bestMatch(platform, [{ platform: own }]) !== undefined) return true;
  return config.variant === undefined && own.os === platform.os && own.architecture === platform.architecture;
}
