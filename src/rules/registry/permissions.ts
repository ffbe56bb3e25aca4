import type { Place, SourceFile } from "../../core/span.ts";
import type { Job, Workflow } from "../../workflow/model.ts";
import { childOf, type Node } from "../../workflow/tree.ts";

/** What a job's token may do with packages, and where that is told. */
export interface PackagesPermission {
  /** `default`: nothing is told; the repository's settings decide. */
  readonly access: "write" | "read" | "none" | "default" | "unknown";
  readonly place: Place | undefined;
}

/** `permissions` of the job, else of its workflow. What a block does not name it takes away. */
export function packagesPermission(job: Job, workflow: Workflow): PackagesPermission {
  const node = job.permissions ?? workflow.permissions;
  return node === undefined
    ? { access: "default", place: undefined }
    : { access: accessIn(node), place: placeOf(node, job.permissions === node ? job : undefined, workflow) };
}

function accessIn(node: Node): PackagesPermission["access"] {
  if (node.kind === "scalar")
    return node.text.trim() === "write-all" ? "write" : node.text.trim() === "read-all" ? "read" : node.text.trim() === "" ? "none" : "unknown";
  if (node.kind !== "mapping") return "unknown";
  const packages = childOf(node, "packages");
  if (packages === undefined) return "none";
  const text = packages.kind === "scalar" ? packages.text.trim() : "";
  return text === "write" || text === "read" || text === "none" ? text : "unknown";
}

/** Of the key `permissions`. */
function placeOf(node: Node, job: Job | undefined, { file, node: root }: Workflow): Place {
  const entry = (job?.node ?? root).entries.find(({ value }) => value === node);
  return placed(file, entry?.key.span ?? node.span);
}

const placed = (file: SourceFile, span: Place["span"]): Place => ({ file, span });
