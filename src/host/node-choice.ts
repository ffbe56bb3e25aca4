import { bestMatch, type Platform, parsePlatform, samePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import type { BuilderFact, BuilderNodeFact } from "./facts.ts";

/** Which nodes of a builder a build needs. */
export interface NodeChoice {
  /** Node of each platform, in their order; undefined for a builder without nodes. */
  readonly nodes: readonly (BuilderNodeFact | undefined)[];
  /** Those that have to answer: Buildx asks all of them as soon as one platform is declared by none. */
  readonly needed: readonly BuilderNodeFact[];
}

/**
 * How Buildx deals platforms out to nodes: by what was declared for them, and where that is not enough for all platforms, by what they say, too; what
 * none has falls to the first.
 * @see docker/buildx build/resolver/driver.go, read 2026-11-22
 */
export function chooseNodes({ nodes }: BuilderFact, platforms: readonly Platform[]): NodeChoice {
  const [first] = nodes;
  const declared = platforms.map((platform) => nodes.find((node) => names(node.declared, platform)));
  if (platforms.length === 0 || (nodes.length > 0 && declared.every((node) => node !== undefined))) {
    const chosen = platforms.length === 0 ? [first] : declared;
    return { nodes: chosen, needed: [...new Set(chosen)].flatMap((node) => node ?? []) };
  }
  return { nodes: platforms.map((platform) => nodeOf(nodes, platform) ?? first), needed: nodes };
}

function nodeOf(nodes: readonly BuilderNodeFact[], platform: Platform): BuilderNodeFact | undefined {
  const all = (node: BuilderNodeFact): readonly string[] => [...node.declared, ...node.platforms];
  return nodes.find((node) => names(all(node), platform)) ?? nodes.find((node) => runs(all(node), platform));
}

/** Whether a platform is among those that are named. */
export const names = (texts: readonly string[], platform: Platform): boolean => texts.flatMap(parsed).some((one) => samePlatform(one, platform));

/** Whether one of those that are named runs it: an amd64 a 386, an arm64 a 32-bit arm. */
const runs = (texts: readonly string[], platform: Platform): boolean => texts.flatMap(parsed).some((one) => bestMatch(one, [{ platform }]) !== undefined);

/** A platform as Buildx names it; none for a word that nobody knows. */
export function parsed(text: string): readonly Platform[] {
  try {
    return [parsePlatform(text)];
  } catch (error) {
    if (isProblem(error)) return [];
    throw error;
  }
}
