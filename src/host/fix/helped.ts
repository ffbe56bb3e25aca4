import { formatPlatform, parsePlatform } from "../../core/platform.ts";
import type { BuilderFact, HostFacts } from "../facts.ts";
import type { HostFixPlan } from "./change.ts";

/** Acts of a plan that are left to the user: only after them it takes effect. */
export const leftToUser = (plan: HostFixPlan): readonly string[] =>
  plan.changes.flatMap((change) => (change.kind === "restart" && change.command === undefined ? [change.byHand] : []));

/**
 * Whether a plan that was carried out helps, by facts that were read afterwards, and after what it leaves to the user.
 * @param platforms  that were asked for
 * @returns why not, continuing "the changes were made, but "; undefined when it does
 */
export function notHelped(plan: HostFixPlan, facts: HostFacts, platforms: readonly string[]): string | undefined {
  if (plan.with === "containerd") return noContainerd(facts);
  const made = plan.changes.find((change) => change.kind === "builder" || change.kind === "select");
  return made === undefined || !("name" in made) ? undefined : noBuilder(made.name, facts, platforms);
}

function noContainerd({ daemon }: HostFacts): string | undefined {
  if (!daemon.known) return daemon.why;
  return daemon.value.store === "containerd" ? undefined : "Docker still has the classic image store";
}

function noBuilder(name: string, { builders }: HostFacts, platforms: readonly string[]): string | undefined {
  if (!builders.known) return builders.why;
  const builder = builders.value.find((one) => one.name === name);
  if (builder === undefined) return `Buildx does not know the builder "${name}"`;
  if (builder.problem !== undefined) return `the builder "${name}" does not answer: ${builder.problem}`;
  // Docker's own builder is there when Docker is; what it emulates it learns when a build begins.
  if (builder.driver === "docker") return undefined;
  const idle = builder.nodes.find(({ status }) => status !== "running");
  if (idle !== undefined) return `the node "${idle.name}" of the builder "${name}" is ${idle.status}${idle.problem === undefined ? "" : `: ${idle.problem}`}`;
  const lacking = platforms.filter((platform) => !builds(builder, platform));
  return lacking.length === 0 ? undefined : `the builder "${name}" does not build for ${lacking.join(", ")}`;
}

/** Whether a builder says that it builds for a platform, or for another variant of its architecture. */
function builds({ nodes }: BuilderFact, wanted: string): boolean {
  const { os, architecture } = parsePlatform(wanted);
  const prefix = formatPlatform({ os, architecture });
  return nodes.some(({ platforms, declared }) => [...platforms, ...declared].some((told) => told === prefix || told.startsWith(`${prefix}/`)));
}
