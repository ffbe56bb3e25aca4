import type { BuilderAnswer } from "./buildx-builders.ts";
import { daemonFailure } from "./docker-failure.ts";
import type { BuilderFact, Unknown } from "./facts.ts";
import { unknown } from "./known.ts";

/** Why no node of a builder can be reached, and what helps; undefined: one can, or nobody knows. @param answer  what Buildx said of it */
export function lossOf({ driver, nodes, problem }: BuilderFact, answer: BuilderAnswer, source: string): Unknown | undefined {
  // One that is stopped or was never booted starts by itself when it is built with.
  if (nodes.some(({ status }) => status !== "unreachable")) return undefined;
  const onDocker = driver === "docker" || driver === "docker-container";
  const places = nodes.map(({ endpoint }) => endpoint).join(", ");
  if (!onDocker) {
    const why = problem ?? nodes.find((node) => node.problem !== undefined)?.problem ?? "none of its nodes answers";
    return unknown(
      "because" in answer ? "silent" : "absent",
      why,
      driver === "kubernetes" ? CLUSTER : `start BuildKit at ${places}, or what lies between`,
      source,
    );
  }
  if ("silence" in answer) return answer.because ?? daemonFailure(answer.silence, source);
  const said = answer.inspected.error ?? answer.inspected.nodes.find(({ error }) => error !== undefined)?.error;
  return said === undefined ? undefined : daemonFailure(said, source);
}

const CLUSTER = "see that the cluster answers (`kubectl get nodes`) and that kubectl's configuration names it";
