import type { Action, Job, Trigger, Workflow } from "../workflow/model.ts";
import type { Scenario } from "../workflow/scenario.ts";
import type { Mapping, Scalar } from "../workflow/tree.ts";
import { entryOf } from "../workflow/tree.ts";
import type { Environment } from "./environment.ts";

/** A composite action seen by itself, as a workflow of one job that whoever uses it stands for; undefined for other actions. */
export function workflowOfAction(action: Action): Workflow | undefined {
  const { runs, node, file, name } = action;
  const key = entryOf(node, "runs")?.key;
  if (runs.kind !== "composite" || runs.node.kind !== "mapping" || key === undefined) return undefined;
  const nothing = { shell: undefined, workingDirectory: undefined };
  return {
    file,
    node,
    name,
    triggers: [useOf(action, key)],
    env: undefined,
    defaults: nothing,
    permissions: undefined,
    concurrency: undefined,
    jobs: [jobOf(key, runs.node, runs.steps)],
  };
}

function useOf({ inputs }: Action, key: Scalar): Trigger {
  return { event: "workflow_call", key, node: undefined, filters: {}, types: undefined, inputs, secrets: [], cron: [] };
}

function jobOf(id: Scalar, node: Mapping, steps: Job["steps"]): Job {
  return {
    id,
    node,
    name: undefined,
    needs: [],
    if: undefined,
    runsOn: undefined,
    strategy: undefined,
    env: undefined,
    defaults: { shell: undefined, workingDirectory: undefined },
    outputs: [],
    services: [],
    container: undefined,
    permissions: undefined,
    concurrency: undefined,
    environment: undefined,
    timeoutMinutes: undefined,
    continueOnError: undefined,
    steps,
    uses: undefined,
    with: [],
    secrets: undefined,
  };
}

/** The scenario of a call, in words that fit a use. */
export const useScenario = (scenario: Scenario): Scenario => ({
  ...scenario,
  id: scenario.id.replace(/^workflow_call/, "use"),
  sentence: scenario.sentence.replace(/^a call by another workflow/, "a use by a step"),
});

/** Before the steps of an action, those of whoever uses it have run. */
export const afterOthers =
  (action: Action) =>
  (start: Environment): Environment => ({
    ...start,
    doubts: [
      ...start.doubts,
      {
        sentence: "nobody knows what runs before this action",
        place: { file: action.file, span: entryOf(action.node, "runs")?.key.span ?? { start: 0, end: 0 } },
      },
    ],
  });
