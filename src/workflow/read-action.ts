import type { Complaint } from "../core/complaint.ts";
import type { SourceFile } from "../core/span.ts";
import { checkStepConditions } from "./check-conditions.ts";
import { complaintsAbout } from "./complaints.ts";
import { checkBySchema } from "./github-check.ts";
import type { Action, ActionRuns } from "./model.ts";
import { readInputs } from "./read-inputs.ts";
import { readOutputs } from "./read-job.ts";
import { readSteps } from "./read-step.ts";
import { readTree } from "./read-tree.ts";
import { childOf, type Node, scalarOf } from "./tree.ts";

/** Reads an `action.yml`, as {@link readWorkflow} reads a workflow. Never throws. */
export function readAction(file: SourceFile): { readonly action: Action | undefined; readonly complaints: readonly Complaint[] } {
  const complaints = complaintsAbout(file);
  const tree = readTree(file, complaints);
  if (tree === undefined) return { action: undefined, complaints: complaints.list };
  checkBySchema("action", tree, complaints);
  if (tree.kind !== "mapping") return { action: undefined, complaints: complaints.list };
  const runs = readRuns(childOf(tree, "runs"));
  if (runs.kind === "composite") checkStepConditions(runs.steps, complaints);
  const action: Action = {
    file,
    node: tree,
    name: scalarOf(tree, "name"),
    inputs: readInputs(childOf(tree, "inputs")),
    outputs: readOutputs(childOf(tree, "outputs")),
    runs,
  };
  return { action, complaints: complaints.list };
}

function readRuns(node: Node | undefined): ActionRuns {
  const using = scalarOf(node, "using");
  if (node === undefined || using === undefined) return { kind: "unknown", node };
  const word = using.text.toLowerCase();
  if (word === "composite") return { kind: "composite", node, steps: readSteps(childOf(node, "steps")) };
  if (word === "docker") return { kind: "docker", node, image: scalarOf(node, "image") };
  return /^node\d+$/.test(word) ? { kind: "node", node, using, main: scalarOf(node, "main") } : { kind: "unknown", node };
}
