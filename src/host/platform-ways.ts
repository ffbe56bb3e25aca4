import { type Platform, parsePlatform } from "../core/platform.ts";
import { builderOf } from "../simulate/builder-of.ts";
import { type Emulator, emulatorOf, runsNatively } from "../simulate/emulation.ts";
import { knownText } from "../simulate/text.ts";
import { endpointKey, environmentOf, madeBuilders, VARIABLES } from "./environment.ts";
import type { BuilderFact, BuilderNodeFact, HostFacts } from "./facts.ts";
import { chooseNodes, names, parsed } from "./node-choice.ts";

/** What runs a platform's programs (RUN) in a build. */
export type RunAbility = "native" | "emulated" | "impossible" | "unknown";

/** One engine and one platform. */
export interface BuildWay {
  /** `multihull`: the embedded engine. Else a builder's name. */
  readonly by: string;
  /** `embedded`, or the builder's driver. */
  readonly driver: string;
  /** The node that it falls to, where there are several. */
  readonly node: string | undefined;
  /** A Dockerfile without RUN: files are put together, and nothing of that platform runs. Undefined: not known. */
  readonly withoutRun: boolean | undefined;
  /** One with RUN. */
  readonly run: RunAbility;
  /** One sentence. */
  readonly why: string;
}

/** The ways in which this machine can build one platform. */
export interface PlatformWays {
  readonly platform: string;
  /** Ours first, then the chosen builder, then the others. */
  readonly ways: readonly BuildWay[];
}

/** What the embedded engine's sandbox can run. */
export interface EmbeddedAbility {
  readonly platform: string;
  readonly how: "native" | "emulated" | "impossible";
  readonly why: string;
}

/** Which engine of this machine can build each of these platforms, and why not. Each platform by itself: a builder may refuse several at once. */
export function platformWays(facts: HostFacts, embedded: readonly EmbeddedAbility[]): readonly PlatformWays[] {
  const builders = facts.cli.known && facts.buildx.known ? usableBuilders(facts) : [];
  return embedded.map(({ platform, how, why }) => {
    const ours: BuildWay = { by: "multihull", driver: "embedded", node: undefined, withoutRun: true, run: how, why };
    return { platform, ways: [ours, ...builders.map((builder) => builderWay(builder, parsePlatform(platform), facts))] };
  });
}

/** Those that a build can name here: the current endpoint's own and those that were made. The docker driver of another context takes another context. */
function usableBuilders(facts: HostFacts): readonly BuilderFact[] {
  const { builders, endpoint, selected } = facts;
  if (!builders.known) return [];
  const own = endpoint.known ? (endpoint.value.context ?? "default") : undefined;
  const made = new Set(madeBuilders(facts));
  const usable = builders.value.filter((builder) => made.has(builder) || builder.name === own);
  const chosen = selected.known ? selected.value.builder : undefined;
  return [...usable.filter(({ name }) => name === chosen), ...usable.filter(({ name }) => name !== chosen)];
}

/** What a builder makes of one platform. */
export function builderWay(builder: BuilderFact, platform: Platform, facts: HostFacts): BuildWay {
  const { nodes, needed } = chooseNodes(builder, [platform]);
  const [node] = nodes;
  const way = (withoutRun: boolean | undefined, run: RunAbility, why: string): BuildWay => ({
    by: builder.name,
    driver: builder.driver,
    node: builder.nodes.length > 1 ? node?.name : undefined,
    withoutRun,
    run,
    why,
  });
  if (node === undefined) return way(undefined, "unknown", builder.problem ?? "it tells of no node");
  const dead = needed.find((one) => isDead(builder, one));
  // Buildx asks every node as soon as one platform is declared by none.
  if (dead !== undefined)
    return way(false, "impossible", `${deadText(builder, dead)}${dead === node ? "" : ", and no node declares this platform, so that all are asked"}`);
  if (node.status !== "running" || node.platforms.length === 0) return expected(way, builder, platform, facts);
  const named = nodeName(builder, node);
  // BuildKit does not always tell of 386 where it tells of amd64.
  const native = names(node.native, platform) || node.native.flatMap(parsed).some(({ architecture }) => runsNatively(architecture, platform) === true);
  if (native) return way(true, "native", `${named} runs it without emulator`);
  if (!names(node.platforms, platform)) return way(true, "impossible", `${named} has neither a processor nor an emulator for it`);
  return way(true, "emulated", `${named} has an emulator${registeredFor(platform, builder, node, facts)}`);
}

/** Which one, where the kernel is this one's. */
function registeredFor({ architecture }: Platform, { driver }: BuilderFact, { endpoint }: BuilderNodeFact, facts: HostFacts): string {
  const { emulators, daemon } = facts;
  const isHere = daemon.known && daemon.value.product === undefined && daemon.value.pid !== undefined;
  if (!isHere || !emulators.known || (driver !== "docker" && endpoint !== endpointKey(facts))) return "";
  const found = emulators.value.find((one) => one.architecture === architecture && one.enabled && one.flags.includes("F"));
  return found === undefined ? "" : `, which the kernel has registered: ${found.interpreter}`;
}

/** A builder that does not run yet, as a workflow's would be judged. */
function expected(
  way: (withoutRun: boolean | undefined, run: RunAbility, why: string) => BuildWay,
  builder: BuilderFact,
  platform: Platform,
  facts: HostFacts,
): BuildWay {
  const environment = environmentOf(facts);
  const resolved = builderOf({ through: "docker buildx build", builder: knownText(builder.name, VARIABLES) }, environment);
  const { how, fact } = emulatorOf(environment, resolved, platform);
  const starts = builder.nodes.every(({ status }) => status === "running") ? "" : ", once it is started";
  return way(true, ABILITY[how], `${fact.sentence}${starts}`);
}

const ABILITY: Readonly<Record<Emulator["how"], RunAbility>> = {
  native: "native",
  buildkit: "emulated",
  host: "emulated",
  none: "impossible",
  unknown: "unknown",
};

/** Whether a node cannot be built on as things are. Buildx starts by itself what is only stopped; at the other end of an address it can start nothing. */
export function isDead({ driver }: BuilderFact, { status }: BuilderNodeFact): boolean {
  return status === "unreachable" || (driver === "remote" && (status === "inactive" || status === "stopped"));
}

const nodeName = ({ nodes }: BuilderFact, { name, endpoint }: BuilderNodeFact): string => (nodes.length > 1 ? `node "${name}" (${endpoint})` : "it");

/** Why a node is no use. */
export function deadText({ nodes }: BuilderFact, { name, endpoint, problem }: BuilderNodeFact): string {
  const why = problem ?? `nothing answers at ${endpoint}`;
  return nodes.length > 1 ? `node "${name}": ${why}` : why;
}
