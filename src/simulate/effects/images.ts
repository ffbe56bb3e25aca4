import { formatPlatform, parsePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import { builderOf } from "../builder-of.ts";
import type { Environment, LocalImage } from "../environment.ts";
import { exportersOf } from "../exporters.ts";
import type { Build, Operation } from "../operation.ts";
import { knownItems, type Text, type Texts } from "../text.ts";
import type { Effect } from "./effect.ts";

/** A build leaves its image in the daemon's store when it loads it, or when the daemon itself builds. */
export const build: Effect<"build"> = (operation, environment) => {
  if (operation.onlyAsks || operation.tags.items.length === 0 || operation.through === "podman" || operation.through === "buildah") return environment;
  const platforms = normalized(operation.platforms);
  return staysLocal(operation, environment) ? added(environment, operation.tags.items, platforms, "built", operation) : environment;
};

function staysLocal(operation: Build, environment: Environment): boolean {
  const exporters = exportersOf(operation);
  if (exporters.some(({ type, toFile }) => type === "docker" && toFile !== true)) return true;
  const { driver, builder } = builderOf(operation, environment);
  const byDefault = driver === "docker" || driver === "legacy" || builder?.driverOptions.get("default-load") === "true";
  return byDefault && (exporters.length === 0 || (driver !== "docker-container" && exporters.some(({ type }) => type === "image")));
}

export const pullImage: Effect<"pull-image"> = (operation, environment) => {
  const { image, platform, tool } = operation;
  if (image === undefined || tool !== "docker") return environment;
  const platforms = platform === undefined ? [] : normalized({ items: [platform], open: false, place: undefined });
  return added(environment, [image], platforms, "pulled", operation);
};

export const loadImage: Effect<"load-image"> = (operation, environment) => {
  const unknown: Text = { parts: [{ source: "docker load", atoms: [] }], place: operation.place };
  return added(environment, [unknown], normalized(operation.platforms), "loaded", operation);
};

export const tagImage: Effect<"tag-image"> = (operation, environment) =>
  operation.tool === "docker" ? added(environment, operation.targets.items, [], "tagged", operation) : environment;

function added(environment: Environment, names: readonly Text[], platforms: readonly string[], how: LocalImage["how"], { place }: Operation): Environment {
  if (names.length === 0) return environment;
  const fact = { sentence: `the image is ${how} here`, place };
  return { ...environment, images: [...environment.images, ...names.map((name) => ({ name, platforms, how, fact }))] };
}

/** Empty when one of them is not known, or is no platform. */
function normalized(platforms: Texts): readonly string[] {
  const known = knownItems(platforms);
  if (platforms.open || known.length < platforms.items.length) return [];
  try {
    return known.map((text) => formatPlatform(parsePlatform(text)));
  } catch (error) {
    if (error instanceof ProblemError) return [];
    throw error;
  }
}
