import { formatPlatform, type Platform, parsePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../core/reference.ts";
import { remembered } from "../core/remembered.ts";
import type { Place, Span } from "../core/span.ts";
import type { Dockerfile, Stage, Word } from "../dockerfile/ast.ts";
import { baseStage, type ImageOf, reachableStages, stageMeant, stageNamed } from "../dockerfile/stages.ts";
import { expandWord } from "../dockerfile/words.ts";
import { builderOf } from "../simulate/builder-of.ts";
import { textOf } from "../simulate/text.ts";
import type { BaseImage } from "./base-images.ts";
import { platformsOf } from "./dockerfile/built-stages.ts";
import type { DockerfileUse } from "./dockerfile-use.ts";
import type { BuildEvent } from "./rule.ts";
import { UNKNOWN, type View, variablesOfFrom, viewOf } from "./stage-use.ts";

/** An image that a Dockerfile takes from a registry, at one place. */
export interface TakenImage {
  /** The words that name it. */
  readonly place: Place;
  /** Those words, with variables filled in. */
  readonly name: string;
  /** In full, with its tag or digest: the key of `BaseImages`. */
  readonly reference: string;
  readonly how: "from" | "copy" | "mount";
  /** Each build that takes it, once for every platform for which it does. */
  readonly by: readonly Taking[];
}

export interface Taking {
  readonly at: BuildEvent;
  /** For which the image has to be: what is built, or what the stage asks for. */
  readonly platform: Platform;
  /** The FROM's own platform, where it has one. */
  readonly asked: Word | undefined;
  /** The result is built upon it. */
  readonly final: boolean;
  /** Nothing says for which platform: BuildKit then goes by the image. */
  readonly implicit: boolean;
}

/**
 * The images that the builds of a Dockerfile take from registries, as far as names and platforms are known; what a named context replaces, or an earlier
 * step left in the image store, is left out.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go (`resolveBaseImage`; an image of COPY or a mount is that of the target's platform), read 2026-11-22
 */
export const takenImages: (use: DockerfileUse) => readonly TakenImage[] = remembered(readTakenImages);

function readTakenImages(use: DockerfileUse): readonly TakenImage[] {
  const found = new Map<string, TakenImage & { readonly by: Taking[] }>();
  for (const at of use.builds) {
    if (at.build.onlyAsks) continue;
    const view = viewOf(at.build);
    for (const platform of platformsFor(at)) {
      for (const { place, name, how, ...taking } of namesIn(use.dockerfile, view, at, platform)) {
        const reference = fullName(name);
        if (reference === undefined || isReplaced(name, reference, at) || isLocal(reference, at)) continue;
        const key = `${place.span.start} ${reference}`;
        const there = found.get(key) ?? { place, name, reference, how, by: [] };
        there.by.push(taking);
        found.set(key, there);
      }
    }
  }
  return [...found.values()];
}

/** A build that names none is of its builder's. */
function platformsFor(at: BuildEvent): readonly Platform[] {
  const { platforms } = at.build;
  if (platforms.items.length > 0 || platforms.open) return platformsOf(at).platforms;
  const own =
    at.event.before.variables.has("DOCKER_DEFAULT_PLATFORM") || at.build.variables?.has("DOCKER_DEFAULT_PLATFORM") === true ? undefined : builderPlatform(at);
  return own === undefined ? [] : [own];
}

/** Those of which a registry told something; none where nobody was asked. */
export function answeredImages(use: DockerfileUse): readonly (readonly [TakenImage, BaseImage])[] {
  if (use.baseImages.size === 0) return [];
  return takenImages(use).flatMap((taken) => {
    const base = use.baseImages.get(taken.reference);
    return base === undefined ? [] : [[taken, base] as const];
  });
}

type Named = Taking & Pick<TakenImage, "place" | "name" | "how">;

function namesIn(file: Dockerfile, view: View, at: BuildEvent, platform: Platform): readonly Named[] {
  const expand = expanderOf(file, view, at, platform);
  const imageOf: ImageOf = (stage) => expand(stage.from.image.text);
  const target = view.target === undefined || view.target === "" ? file.stages.at(-1) : view.target === null ? undefined : stageNamed(file, view.target);
  if (target === undefined) return [];
  const isAsked = at.build.platforms.items.length > 0;
  const upon = chainOf(file, target, imageOf);
  return reachableStages(file, target, imageOf).flatMap((stage) => {
    if (stage.name !== undefined && isReplaced(stage.name, undefined, at)) return [];
    const names: Named[] = [];
    const add = (name: string, how: Named["how"], span: Span, on = platform, asked?: Word): void => {
      const taking = { at, platform: on, asked, implicit: !isAsked && asked === undefined, final: how === "from" && upon.includes(stage) };
      if (name !== "" && name !== "scratch" && !name.includes(UNKNOWN)) names.push({ place: { file: file.file, span }, name, how, ...taking });
    };
    const { image: word, platform: asked } = stage.from;
    const image = imageOf(stage);
    const own = asked === undefined ? platform : platformNamed(expand(asked.text));
    if (own !== undefined && baseStage(file, stage, image) === undefined) add(image, "from", word.span, own, asked);
    for (const instruction of stage.instructions) {
      // A variable in either is refused.
      if (instruction.kind === "copy" && instruction.from !== undefined && isImage(file, instruction.from.text))
        add(instruction.from.text, "copy", instruction.from.span);
      for (const { options, span } of instruction.kind === "run" ? instruction.mounts : []) {
        const from = options.get("from") ?? "";
        if (stageNamed(file, from) === undefined && !from.includes("$")) add(from, "mount", span);
      }
    }
    return names;
  });
}

const isImage = (file: Dockerfile, text: string): boolean => !text.includes("$") && !/^[+-]?\d+$/.test(text) && stageMeant(file, text) === undefined;

/** A stage and those that it builds on. */
function chainOf(file: Dockerfile, target: Stage, imageOf: ImageOf): readonly Stage[] {
  const chain = [target];
  for (let base = baseStage(file, target, imageOf(target)); base !== undefined; base = baseStage(file, base, imageOf(base))) chain.push(base);
  return chain;
}

function expanderOf(file: Dockerfile, view: View, at: BuildEvent, platform: Platform): (text: string) => string {
  const variables = variablesOfFrom(file, view, [...variablesOf("TARGET", platform), ...variablesOf("BUILD", builderPlatform(at))]);
  // Any argument may be given.
  if (view.open) for (const { name } of file.globalArgs.flatMap(({ args }) => args)) variables.set(name.text, UNKNOWN);
  return (text) => {
    try {
      return expandWord(text, variables, file.directives).value;
    } catch (error) {
      if (isProblem(error)) return UNKNOWN;
      throw error;
    }
  };
}

const variablesOf = (prefix: string, platform: Platform | undefined): readonly (readonly [string, string])[] => [
  [`${prefix}PLATFORM`, platform === undefined ? UNKNOWN : formatPlatform(platform)],
  [`${prefix}OS`, platform?.os ?? UNKNOWN],
  [`${prefix}OSVERSION`, platform === undefined ? UNKNOWN : (platform["os.version"] ?? "")],
  [`${prefix}ARCH`, platform?.architecture ?? UNKNOWN],
  [`${prefix}VARIANT`, platform === undefined ? UNKNOWN : (platform.variant ?? "")],
];

/** The platform of the machine that builds, where it is the runner for sure. */
function builderPlatform({ build, event: { before } }: BuildEvent): Platform | undefined {
  const { runner, contexts } = before;
  const { driver, builder, certain, context } = builderOf(build, before);
  const isHere = driver === "docker" || driver === "docker-container" || driver === "buildah";
  const endpoint = contexts.get(builder?.endpoint ?? context ?? "")?.endpoint ?? builder?.endpoint ?? "";
  if (!certain || !isHere || runner.kind !== "hosted" || runner.os !== "linux" || runner.architecture === undefined) return undefined;
  if ((builder?.nodes.length ?? 1) > 1 || /^(?:tcp|ssh|https?):/.test(endpoint)) return undefined;
  return { os: "linux", architecture: runner.architecture };
}

function platformNamed(text: string): Platform | undefined {
  try {
    return text.includes(UNKNOWN) || text === "" ? undefined : parsePlatform(text);
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

function fullName(name: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(name)));
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** Whether the build has, or may have, a context of that name. */
function isReplaced(name: string, reference: string | undefined, { build: { buildContexts } }: BuildEvent): boolean {
  if (buildContexts.open) return true;
  return buildContexts.items.some((item) => {
    const [head] = item.parts;
    const given = typeof head === "string" ? /^(.*?)(?:::[^=]*)?=/.exec(head)?.[1] : undefined;
    return given === undefined || given.toLowerCase() === name.toLowerCase() || (reference !== undefined && fullName(given) === reference);
  });
}

/** Whether an image of that name may be in the store: the `docker` driver takes it from there. */
const isLocal = (reference: string, { event }: BuildEvent): boolean =>
  event.before.images.some(({ name }) => {
    const text = textOf(name);
    return text !== undefined && fullName(text) === reference;
  });
