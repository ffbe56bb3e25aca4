import { bestMatch, type Platform, parsePlatform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import { alternativesOf } from "./alternatives.ts";
import type { Builder } from "./environment.ts";
import { knownItems, type Texts } from "./text.ts";

/** How many platforms a build asks for. Buildx counts them as they are listed: the same one twice is two. */
export interface PlatformCount {
  readonly least: number;
  /** Infinity when nobody knows. */
  readonly most: number;
}

export function platformCount(platforms: Texts): PlatformCount {
  let [least, most] = [0, platforms.open ? Number.POSITIVE_INFINITY : 0];
  for (const item of platforms.items) {
    const counts = alternativesOf(item)?.map((one) => one.split(",").filter((platform) => platform.trim() !== "").length);
    const hasText = item.parts.some((part) => typeof part === "string" && part.trim() !== "");
    least += counts === undefined ? (hasText ? 1 : 0) : Math.min(...counts);
    most += counts === undefined ? Number.POSITIVE_INFINITY : Math.max(...counts);
  }
  return { least, most };
}

/** Whether a build asks for more than one platform; undefined when nobody knows. */
export function severalPlatforms(platforms: Texts): boolean | undefined {
  const { least, most } = platformCount(platforms);
  return least > 1 ? true : most <= 1 ? false : undefined;
}

/**
 * How the platforms fall to a builder's nodes: how many each gets, of those that get any. Undefined when that hangs on what the nodes can do by themselves.
 * A platform that no node declares falls to the first.
 */
export function platformsByNode(platforms: Texts, { nodes }: Builder): readonly number[] | undefined {
  const wanted = parsed(knownItems(platforms));
  if (platforms.open || wanted === undefined || wanted.length !== platforms.items.length) return undefined;
  const offered = nodes.map((node) => ({
    open: node.platforms.open || knownItems(node.platforms).length !== node.platforms.items.length,
    all: parsed(knownItems(node.platforms)),
  }));
  const counts = nodes.map(() => 0);
  for (const platform of wanted) {
    const at = offered.findIndex(
      ({ all }) =>
        all !== undefined &&
        bestMatch(
          platform,
          all.map((one) => ({ platform: one })),
        )?.platform !== undefined,
    );
    if (at === -1 && offered.some(({ open, all }) => open || all === undefined || all.length === 0)) return undefined;
    counts[Math.max(0, at)]! += 1;
  }
  return counts.filter((count) => count > 0);
}

function parsed(texts: readonly string[]): readonly Platform[] | undefined {
  try {
    return texts.map((text) => parsePlatform(text));
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}
