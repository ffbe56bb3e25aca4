import { formatPlatform, parsePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import { remembered } from "../core/remembered.ts";
import type { Build } from "../simulate/operation.ts";
import { shownText, type Text, type Texts } from "../simulate/text.ts";
import type { Trace } from "../simulate/trace.ts";
import { dockerfilePaths } from "./dockerfile-path.ts";
import type { BuildEvent } from "./rule.ts";

/** What a build makes, as far as two builds can be compared by it. */
export interface BuiltThing {
  /** Dockerfile, context and stage. */
  readonly source: string;
  readonly arguments: string;
  /** Normalized; of a build that names none, its runner's. */
  readonly platforms: readonly string[];
}

/** Undefined where nobody knows for which platforms it is, or what its Dockerfile is. */
export const whatIsBuilt: (at: BuildEvent) => BuiltThing | undefined = remembered(thingOf, ({ event }) => event);

function thingOf(at: BuildEvent): BuiltThing | undefined {
  const { build } = at;
  const platforms = platformsOf(at);
  const source = sourceOf(at);
  return platforms === undefined || source === undefined ? undefined : { source, arguments: build.buildArgs.items.map(shownText).sort().join("\n"), platforms };
}

/** The Dockerfile's path and the context, which tell images apart; undefined where one of them is unknown. */
export function sourceOf(at: BuildEvent): string | undefined {
  const { build } = at;
  const file = dockerfileOf(at);
  return file === undefined ? undefined : [file, contextOf(build), shown(build.stage)].join("\n");
}

const shown = (text: Text | undefined): string => (text === undefined ? "" : shownText(text));
const contextOf = ({ context }: Build): string => shown(context).replace(/^\.\//, "").replace(/\/$/, "").replace(/^\.$/, "");

/** Where it is, or the text of it where a bake file holds it. */
export function dockerfileOf(at: BuildEvent): string | undefined {
  if (at.build.inline !== undefined) return shownText(at.build.inline);
  return dockerfilePaths(at)[0];
}

/** Normalized and sorted; undefined where one of them is not known. */
export function platformsOf({ build, event }: BuildEvent): readonly string[] | undefined {
  const { runner } = event.before;
  if (build.platforms.items.length === 0 && !build.platforms.open) {
    return runner.architecture === undefined || runner.os === undefined
      ? undefined
      : [`${runner.os === "windows" ? "windows" : "linux"}/${runner.architecture}`];
  }
  return knownPlatforms(build.platforms);
}

function knownPlatforms({ items, open }: Texts): readonly string[] | undefined {
  const words = items.flatMap((item) => shownText(item).split(",")).map((word) => word.trim());
  if (open || items.some((item) => item.parts.some((part) => typeof part !== "string"))) return undefined;
  try {
    return [...new Set(words.filter((word) => word !== "").map((word) => formatPlatform(parsePlatform(word))))].sort();
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** Whether `a` makes all that `b` makes. */
export const coversBuild = (a: BuiltThing, b: BuiltThing): boolean =>
  a.source === b.source && a.arguments === b.arguments && b.platforms.every((platform) => a.platforms.includes(platform));

/** Whether two walks can be of one run: started alike, and assuming nothing of which the other assumes the contrary. */
export const sameRun = (a: Trace, b: Trace): boolean =>
  a.scenario.id === b.scenario.id && a.assumed.every((one) => !b.assumed.some((other) => other.atom === one.atom && other.value !== one.value));
