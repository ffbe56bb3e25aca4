import { formatPlatform, type Platform, samePlatform } from "../core/platform.ts";
import { parseNodes } from "../engine/buildkit/node.ts";
import type { BuildNeeds, EngineOption } from "../engine/choice/option.ts";
import type { BuildkitOption } from "./buildkit-option.ts";

/** For people: who builds what. */
export const nodesBuilder = (nodes: readonly { readonly node: string; readonly platforms: readonly Platform[] }[]): NonNullable<EngineOption["builder"]> => ({
  name: nodes.map(({ node, platforms }) => `${node} for ${platforms.map(formatPlatform).join(", ")}`).join("; "),
  driver: "nodes",
});

/**
 * BuildKit as it stands to a plan when nodes are given: what a node was given it is taken to run natively, the rest is up to the builder. No node is asked.
 * @param buildkit  as it stands without nodes
 * @throws {ProblemError} as {@link parseNodes}
 */
export function nodesOption(texts: readonly string[], { programs }: BuildNeeds, buildkit: BuildkitOption): EngineOption {
  const nodes = parseNodes(texts);
  const given = nodes.flatMap((node) => node.platforms);
  const wayOf = (platform: Platform): EngineOption["ways"][number] =>
    given.some((one) => samePlatform(one, platform))
      ? { platform, way: "native" }
      : (buildkit.ways.find((one) => samePlatform(one.platform, platform)) ?? { platform, way: "impossible", why: "no node was given it" });
  return {
    engine: "buildkit",
    builder: nodesBuilder(nodes.map(({ shown, platforms }) => ({ node: shown, platforms }))),
    against: buildkit.problem?.code === "buildx-unavailable" ? buildkit.against : [],
    ways: programs.map(wayOf),
  };
}

/** A request for the platforms of its nodes, when it names none. @throws {ProblemError} as {@link parseNodes} */
export function withPlatformsOfNodes<R extends { readonly platforms?: readonly string[] | undefined; readonly nodes?: readonly string[] | undefined }>(
  request: R,
): R {
  if ((request.platforms ?? []).length > 0 || (request.nodes ?? []).length === 0) return request;
  return { ...request, platforms: parseNodes(request.nodes ?? []).flatMap((node) => node.platforms.map(formatPlatform)) };
}

/** Whether every one of these platforms is given to a node. @throws {ProblemError} as {@link parseNodes} */
export function haveNodes(texts: readonly string[], platforms: readonly Platform[]): boolean {
  const given = parseNodes(texts).flatMap((node) => node.platforms);
  return platforms.every((platform) => given.some((one) => samePlatform(one, platform)));
}
