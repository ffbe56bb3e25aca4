import type { Container, Job, Output, RunDefaults, RunsOn, Strategy } from "./model.ts";
import { readCondition, readSteps } from "./read-step.ts";
import { childOf, entriesOf, type Mapping, type Node, type Scalar, scalarOf, scalarsOf } from "./tree.ts";
import { parseUses } from "./uses.ts";

/** One entry of `jobs:`. */
export function readJob(id: Scalar, node: Mapping): Job {
  const uses = scalarOf(node, "uses");
  const container = childOf(node, "container");
  return {
    id,
    node,
    name: scalarOf(node, "name"),
    needs: scalarsOf(childOf(node, "needs")),
    if: readCondition(node),
    runsOn: readRunsOn(childOf(node, "runs-on")),
    strategy: readStrategy(childOf(node, "strategy")),
    env: childOf(node, "env"),
    defaults: readRunDefaults(node),
    outputs: readOutputs(childOf(node, "outputs")),
    services: entriesOf(childOf(node, "services")).map(({ key, value }) => ({ id: key, container: readContainer(value) })),
    container: container && readContainer(container),
    permissions: childOf(node, "permissions"),
    concurrency: childOf(node, "concurrency"),
    environment: childOf(node, "environment"),
    timeoutMinutes: scalarOf(node, "timeout-minutes"),
    continueOnError: scalarOf(node, "continue-on-error"),
    steps: readSteps(childOf(node, "steps")),
    uses: uses && parseUses(uses),
    with: entriesOf(childOf(node, "with")),
    secrets: childOf(node, "secrets"),
  };
}

/** `defaults.run` of a workflow or a job. */
export function readRunDefaults(node: Mapping): RunDefaults {
  const run = childOf(childOf(node, "defaults"), "run");
  return { shell: scalarOf(run, "shell"), workingDirectory: scalarOf(run, "working-directory") };
}

/** Outputs of a job (a name and a value), or of an action or a reusable workflow (a name and a mapping that holds the value). */
export function readOutputs(node: Node | undefined): readonly Output[] {
  return entriesOf(node).map(({ key, value }) => ({ name: key, value: value.kind === "scalar" ? value : scalarOf(value, "value") }));
}

function readRunsOn(node: Node | undefined): RunsOn | undefined {
  if (node === undefined) return undefined;
  return node.kind === "mapping"
    ? { node, labels: scalarsOf(childOf(node, "labels")), group: scalarOf(node, "group") }
    : { node, labels: scalarsOf(node), group: undefined };
}

function readStrategy(node: Node | undefined): Strategy | undefined {
  if (node === undefined) return undefined;
  return { node, matrix: childOf(node, "matrix"), failFast: scalarOf(node, "fail-fast"), maxParallel: scalarOf(node, "max-parallel") };
}

const readContainer = (node: Node): Container => ({ node, image: node.kind === "scalar" ? node : scalarOf(node, "image") });
