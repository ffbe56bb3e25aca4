import type { Platform } from "../core/platform.ts";
import { buildxLines, LEGACY_WITHOUT_BUILDX, withoutBuildxLines } from "../facts/buildx.ts";
import type { Fact, Prediction } from "../findings/finding.ts";
import type { ResolvedBuilder } from "../simulate/builder-of.ts";
import type { Build } from "../simulate/operation.ts";
import { knownItems } from "../simulate/text.ts";
import { toolRefusals } from "../simulate/tool-refusals.ts";
import type { AskedBuild } from "./build-ask.ts";
import { said } from "./environment.ts";
import type { BuilderFact, BuilderNodeFact, HostFacts, Unknown } from "./facts.ts";
import { chooseNodes, parsed } from "./node-choice.ts";
import { deadText, isDead } from "./platform-ways.ts";
import { secretFree } from "./secret-free.ts";

/** What stands before a build, whatever it asks for. */
export interface Obstacle {
  /** One sentence. */
  readonly message: string;
  /** What is printed; undefined where nothing is, or nobody knows what. */
  readonly log: Prediction | undefined;
  readonly facts: readonly Fact[];
  /** Acts that help. */
  readonly helps: readonly string[];
  /** False where it may yet work. */
  readonly certain: boolean;
}

/** No Docker command, or no Buildx for a command that takes it. */
export function missingProgram({ cli, buildx }: HostFacts, { build, firstFlag }: AskedBuild): Obstacle | undefined {
  if (!cli.known) return { ...of(cli), log: undefined };
  if (buildx.known) return undefined;
  const obstacle = of(buildx);
  if (buildx.state !== "absent") return { ...obstacle, log: undefined };
  if (build.through === "docker buildx build") {
    const lines = firstFlag === undefined ? undefined : withoutBuildxLines(firstFlag, cli.value.version);
    return { ...obstacle, log: lines && { tool: "docker", lines } };
  }
  const [refusal] = toolRefusals(build, WITHOUT_BUILDX);
  // The classic builder takes what is left.
  if (refusal === undefined) return undefined;
  const last = refusal.log.lines.at(-1) as string;
  return { ...obstacle, log: { tool: build.through, lines: [...LEGACY_WITHOUT_BUILDX, last] }, facts: [...obstacle.facts, ...refusal.facts] };
}

const WITHOUT_BUILDX: ResolvedBuilder = {
  driver: "legacy",
  name: undefined,
  builder: undefined,
  context: undefined,
  endpoint: undefined,
  missing: undefined,
  daemon: undefined,
  noDaemon: false,
  store: "unknown",
  certain: true,
  facts: [],
  lost: [],
};

/** No daemon, where the builder needs it; or a node that does not answer. */
export function missingMachine(facts: HostFacts, build: Build, resolved: ResolvedBuilder): Obstacle | undefined {
  if (resolved.driver === "docker" || resolved.driver === "legacy") return missingDaemon(facts, build);
  const builder = facts.builders.known ? facts.builders.value.find(({ name }) => name === resolved.builder?.name) : undefined;
  // A context that is not there has no builder, and no endpoint that another could be looked up by.
  if (builder === undefined && !facts.endpoint.known && facts.endpoint.state === "absent") return { ...of(facts.endpoint), log: undefined };
  if (builder?.problem !== undefined && builder.nodes.length === 0) return brokenBuilder(builder, facts, resolved);
  const dead =
    builder &&
    chooseNodes(
      builder,
      knownItems(build.platforms).flatMap((text): readonly Platform[] => parsed(text)),
    ).needed.find((node) => isDead(builder, node));
  return builder === undefined || dead === undefined ? undefined : deadNode(builder, dead, facts, build, resolved);
}

function missingDaemon({ daemon, endpoint, buildx }: HostFacts, build: Build): Obstacle | undefined {
  if (daemon.known) return undefined;
  const address = endpoint.known ? endpoint.value.address : undefined;
  const message = daemon.state === "absent" ? "daemon-unreachable" : daemon.state === "refused" ? "daemon-refused" : undefined;
  const path = address?.startsWith("unix://") === true ? address.slice("unix://".length) : undefined;
  const isTold = message !== undefined && address !== undefined && (message === "daemon-unreachable" || path !== undefined);
  const values = { address: secretFree(address ?? ""), path: path ?? "", escaped: encodeURIComponent(path ?? "") };
  const lines = isTold ? buildxLines(message, values, buildx.known ? buildx.value.version : undefined, "other") : undefined;
  const where = endpoint.known ? [said(endpoint.source, `the daemon is at ${secretFree(endpoint.value.address)}`)] : [];
  return { ...of(daemon), log: lines && { tool: build.through, lines }, facts: [...where, ...of(daemon).facts] };
}

/** Its file makes no sense, to Buildx neither. */
function brokenBuilder({ name, problem = "" }: BuilderFact, { builders }: HostFacts, { facts }: ResolvedBuilder): Obstacle {
  return {
    message: `builder "${name}" cannot be used: ${problem}`,
    log: undefined,
    facts: [...facts, said(builders.source, problem)],
    helps: ["remove that file and make the builder anew, or name another builder"],
    certain: true,
  };
}

function deadNode(builder: BuilderFact, node: BuilderNodeFact, { buildx, builders, selected }: HostFacts, build: Build, resolved: ResolvedBuilder): Obstacle {
  const version = buildx.known ? buildx.value.version : undefined;
  const lines =
    builder.driver === "remote"
      ? buildxLines("node-silent", {}, version, "build")
      : // What is told of the whole builder are our words, not Buildx's.
        node.problem === undefined || builder.problem !== undefined
        ? undefined
        : buildxLines("node-error", { error: node.problem }, version, "build");
  const text = deadText(builder, node);
  const other = selected.known && selected.value.builder === builder.name ? ["choose another builder: docker buildx use NAME"] : ["name another builder"];
  return {
    message: `builder "${builder.name}" cannot build it: ${text}`,
    log: lines && { tool: build.through, lines },
    facts: [...resolved.facts, said(builders.source, text)],
    helps: [
      `start ${builder.driver === "docker-container" ? "Docker" : "BuildKit"} at ${secretFree(node.endpoint)} again, or look at what lies between: docker buildx inspect ${builder.name}`,
      ...other,
    ],
    certain: true,
  };
}

const of = ({ why, help, source, state }: Unknown): Omit<Obstacle, "log"> => ({
  message: why,
  facts: [said(source, why)],
  helps: [help],
  certain: state === "absent" || state === "refused",
});
