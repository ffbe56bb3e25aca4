import type { Complaint } from "../core/complaint.ts";
import type { SourceFile } from "../core/span.ts";
import { checkConditions } from "./check-conditions.ts";
import { checkNeeds } from "./check-needs.ts";
import { complaintsAbout } from "./complaints.ts";
import { checkBySchema } from "./github-check.ts";
import type { Workflow } from "./model.ts";
import { readJob, readRunDefaults } from "./read-job.ts";
import { readTree } from "./read-tree.ts";
import { readTriggers } from "./read-triggers.ts";
import { childOf, entriesOf, scalarOf } from "./tree.ts";

/**
 * Reads a workflow file. What can be read is in the model even where GitHub refuses the file; `workflow` is undefined when there is no
 * YAML mapping at all. Complaints are GitHub's own of its schema, and of conditions and `needs`. Never throws.
 */
export function readWorkflow(file: SourceFile): { readonly workflow: Workflow | undefined; readonly complaints: readonly Complaint[] } {
  const complaints = complaintsAbout(file);
  const tree = readTree(file, complaints);
  if (tree === undefined) return { workflow: undefined, complaints: complaints.list };
  checkBySchema("workflow", tree, complaints);
  if (tree.kind !== "mapping") return { workflow: undefined, complaints: complaints.list };
  const workflow: Workflow = {
    file,
    node: tree,
    name: scalarOf(tree, "name"),
    triggers: readTriggers(childOf(tree, "on")),
    env: childOf(tree, "env"),
    defaults: readRunDefaults(tree),
    permissions: childOf(tree, "permissions"),
    concurrency: childOf(tree, "concurrency"),
    jobs: entriesOf(childOf(tree, "jobs")).flatMap(({ key, value }) => (value.kind === "mapping" ? [readJob(key, value)] : [])),
  };
  checkNeeds(workflow.jobs, complaints);
  checkConditions(workflow.jobs, complaints);
  return { workflow, complaints: complaints.list };
}
