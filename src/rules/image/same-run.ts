import { remembered } from "../../core/remembered.ts";
import type { Hole } from "../../simulate/text.ts";
import type { Trace, WorkflowStudy } from "../../simulate/trace.ts";

/** Whether two walks can be of one run of the workflow: nothing that they assume speaks against it. What is assumed of steps is each job's own. */
export function sameRun(a: Trace, b: Trace): boolean {
  if (a.scenario.id !== b.scenario.id) return false;
  return a.assumed.every(
    ({ atom, value }) => /^(?:steps|matrix|env|job|runner|strategy)\b/.test(atom) || b.assumed.every((other) => other.atom !== atom || other.value === value),
  );
}

/** All walks of a workflow by scenario, with those of the workflows that it calls. */
export const walksByScenario: (workflow: WorkflowStudy) => ReadonlyMap<string, readonly Trace[]> = remembered(gathered);

function gathered(workflow: WorkflowStudy): ReadonlyMap<string, readonly Trace[]> {
  const byScenario = new Map<string, Trace[]>();
  for (const { traces } of workflow.jobs) {
    for (const trace of traces) {
      const there = byScenario.get(trace.scenario.id);
      if (there === undefined) byScenario.set(trace.scenario.id, [trace]);
      else there.push(trace);
    }
  }
  return byScenario;
}

/** Other walks that the run may hold beside this one: not those of the same job and row under another assumption. */
export function othersInRun(trace: Trace, workflow: WorkflowStudy): readonly Trace[] {
  return (walksByScenario(workflow).get(trace.scenario.id) ?? []).filter((other) => other !== trace && sameRun(trace, other));
}

/** Unknown parts that are the same in every job and row of a run. */
export const sameInRun = (holes: readonly Hole[]): boolean =>
  holes.every(({ source }) => /^(?:github|needs|inputs|vars|secrets)\.[\w.-]+$/.test(source) && !/^github\.(?:job|action|workspace)/.test(source));
