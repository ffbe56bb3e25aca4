import { join, resolve } from "node:path";
import { type BuildkitAddress, lookAtBuildkit } from "../adapters/node/buildx/look-at-buildkit.ts";
import { lookAtDocker } from "../adapters/node/buildx/look-at-docker.ts";
import { nodeBuilder } from "../adapters/node/buildx/node-builders.ts";
import { watchNode } from "../adapters/node/buildx/node-watch.ts";
import { hostPrograms } from "../adapters/node/host/programs.ts";
import type { World } from "../adapters/node/world.ts";
import { formatPlatform, type Platform, samePlatform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import type { Share } from "../engine/buildkit/build-shares.ts";
import { type NodeSpec, parseNodes } from "../engine/buildkit/node.ts";
import { shortNames } from "../engine/buildkit/node-names.ts";
import type { BuildkitBuilder } from "../engine/buildkit/request.ts";
import type { BuilderFact, BuilderNodeFact } from "../host/facts.ts";
import { chooseNodes } from "../host/node-choice.ts";
import { runsNatively } from "./buildkit-option.ts";

export interface NodesOptions {
  readonly world: World;
  /** The store's: Buildx's own state for our nodes lies in it. */
  readonly folder: string;
  readonly buildx: string | undefined;
}

/**
 * `--node`: each platform at the node it was given to. What none was given, the builder builds that Buildx takes by itself.
 * @param platforms  empty: those of all nodes
 * @param rest  that builder, or why there is none that could be used
 * @throws {ProblemError} `usage` | `platform-*`
 */
export function givenShares(
  texts: readonly string[],
  platforms: readonly Platform[],
  rest: { readonly builder: BuildkitBuilder } | { readonly why: string },
  options: NodesOptions,
): readonly Share[] {
  const specs = parseNodes(texts);
  const wanted = platforms.length === 0 ? specs.flatMap((spec) => spec.platforms) : platforms;
  const taken = specs
    .map((spec) => ({ ...spec, platforms: wanted.filter((platform) => spec.platforms.some((one) => samePlatform(one, platform))) }))
    .filter((spec) => spec.platforms.length > 0);
  const left = wanted.filter((platform) => !taken.some((spec) => spec.platforms.includes(platform)));
  if (left.length > 0 && "why" in rest)
    throw new ProblemError("usage", {
      message: `${left.map(formatPlatform).join(", ")} is given to no node, and there is no other builder: ${rest.why}`,
      hint: "give every platform a --node, or leave it out of --platform",
    });
  const short = shortNames(taken.map(({ shown }) => shown));
  const shares = taken.map((spec, i): Share => shareOf(spec, { node: spec.shown, short: short[i] ?? spec.shown }, options));
  return "builder" in rest && left.length > 0 ? [...shares, wholeShare(rest.builder, left)] : shares;
}

/** What a builder is left to deal out by itself. */
const wholeShare = (builder: BuildkitBuilder, platforms: readonly Platform[]): Share => ({
  kind: "builder",
  node: builder.shown,
  short: builder.name ?? "builder",
  platforms,
  builder: async () => builder,
});

function shareOf(given: NodeSpec, names: Pick<Share, "node" | "short">, { world, folder, buildx }: NodesOptions): Share {
  const spec = { ...given, options: given.options.map((option) => absolute(option, world.cwd)) };
  return {
    kind: "node",
    ...names,
    platforms: spec.platforms,
    builder: (signal) => nodeBuilder(spec, { programs: hostPrograms(world.env), folder: join(folder, "buildx"), buildx, signal }),
    ...watchOf(spec, world),
  };
}

/** Buildx wants whole paths for files of TLS. */
const absolute = (option: string, cwd: string): string => {
  const [, key, path] = /^(cacert|cert|key)=(.+)$/s.exec(option) ?? [];
  return path === undefined ? option : `${key}=${resolve(cwd, path)}`;
};

/** A Docker over ssh is logged in to for every look. */
const SSH_EVERY_MS = 15_000;

/** What listens by itself can be looked at from outside; a cluster's connection notices by itself. */
function watchOf({ driver, endpoint = "", options }: NodeSpec, world: World): Pick<Share, "watch"> {
  if (endpoint.startsWith("ssh://")) {
    const look = lookAtDocker(endpoint, hostPrograms(world.env));
    return { watch: (signal) => watchNode(look, signal, { everyMs: SSH_EVERY_MS }) };
  }
  const at = driver === "remote" ? placeOf(endpoint) : undefined;
  if (at === undefined) return {};
  const { cacert, cert, key, servername } = Object.fromEntries(options.map((option) => option.split(/=(.*)/s, 2)));
  const tls = { ...(cacert && { cacert }), ...(cert && { cert }), ...(key && { key }), ...(servername && { servername }) };
  const look = lookAtBuildkit({ at, ...(Object.keys(tls).length > 0 ? { tls } : {}) });
  return { watch: (signal) => watchNode(look, signal) };
}

function placeOf(endpoint: string): BuildkitAddress["at"] | undefined {
  if (endpoint.startsWith("unix://")) return { path: endpoint.slice("unix://".length) };
  if (!endpoint.startsWith("tcp://")) return undefined;
  const { hostname, port } = new URL(endpoint);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/**
 * The nodes of a builder of Buildx, each with the platforms that it builds: each platform where it is native, which Buildx, dealing out by what nodes say, need not do.
 * A node is spoken to by itself, so that a dead one holds up nobody else, where Buildx can find it so; else Buildx deals out.
 */
export function builderShares(fact: BuilderFact, platforms: readonly Platform[], whole: BuildkitBuilder, options: NodesOptions): readonly Share[] {
  if (fact.nodes.length < 2 || platforms.length === 0) return [wholeShare(whole, platforms)];
  const dealt = chooseNodes(fact, platforms).nodes;
  const byNode = new Map<BuilderNodeFact | undefined, Platform[]>();
  for (const [i, platform] of platforms.entries()) {
    const best = fact.nodes.find((node) => node.status !== "unreachable" && runsNatively(node, platform)) ?? dealt[i];
    const node = best !== undefined && standsAlone(fact, best) ? best : undefined;
    byNode.set(node, [...(byNode.get(node) ?? []), platform]);
  }
  return [...byNode].map(([node, his]) => {
    if (node === undefined) return wholeShare(whole, his);
    const driverOptions = [...node.driverOptions].map(([key, value]) => `${key}=${value}`);
    const driver = fact.driver === "remote" ? fact.driver : "docker-container";
    const spec: NodeSpec = { platforms: his, shown: node.endpoint, driver, endpoint: node.endpoint, options: driverOptions, name: node.name };
    return shareOf(spec, { node: `node "${node.name}" of ${whole.shown}`, short: node.name }, options);
  });
}

/** A remote node is its address; a container that runs is found again by its node's name, one that does not would be made without the builder's own configuration. */
const standsAlone = ({ driver }: BuilderFact, { status }: BuilderNodeFact): boolean =>
  driver === "remote" || (driver === "docker-container" && status === "running");
