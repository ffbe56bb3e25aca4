import { ACTION_ROOT } from "@actions/workflow-parser/actions/action-constants";
import { getActionSchema } from "@actions/workflow-parser/actions/action-schema";
import { TemplateContext, TemplateValidationErrors } from "@actions/workflow-parser/templates/template-context";
import { readTemplate } from "@actions/workflow-parser/templates/template-reader";
import { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
import { WORKFLOW_ROOT } from "@actions/workflow-parser/workflows/workflow-constants";
import { getWorkflowSchema } from "@actions/workflow-parser/workflows/workflow-schema";
import type { Span } from "../core/span.ts";
import type { Complaints } from "./complaints.ts";
import { MOST_COMPLAINTS } from "./limits.ts";
import { TreeReader } from "./object-reader.ts";
import type { Node } from "./tree.ts";

/** Complains of everything that GitHub's own schema refuses: unknown keys, wrong types, keys that come twice, contexts and functions not allowed there. */
export function checkBySchema(kind: "workflow" | "action", tree: Node, complaints: Complaints): void {
  const reader = new TreeReader(tree);
  const errors = new TemplateValidationErrors(MOST_COMPLAINTS + 1);
  const context = new TemplateContext(errors, kind === "workflow" ? getWorkflowSchema() : getActionSchema(), new NoOperationTraceWriter());
  readTemplate(context, kind === "workflow" ? WORKFLOW_ROOT : ACTION_ROOT, reader, context.getFileId(kind));
  for (const error of errors.getErrors()) {
    const range = error.range;
    const node = range === undefined ? undefined : reader.nodes[range.start.line];
    const span = node === undefined ? tree.span : placeIn(node, range?.start.column ?? 0, range?.end.column ?? 0);
    complaints.error(span, inOurWords(error.rawMessage));
  }
}

/** The place of a stretch of a node's text: an expression's where it is one, else the node's. */
function placeIn(node: Node, start: number, end: number): Span {
  if (node.kind !== "scalar") return { start: node.span.start, end: Math.min(node.span.end, node.span.start + 1) };
  return node.expressions.find(({ within }) => within.start === start && within.end === end)?.span ?? node.span;
}

/** GitHub's sentence as ours: lower-case, no full stop, text of the file in double quotes, without the repeated expression. */
export function inOurWords(message: string): string {
  const short = message.replace(/\. Located at position \d+ within expression: [\s\S]*$/, "").replace(/\.$/, "");
  if (/ExceededMaxLength$/i.test(short)) return "the expression is longer than the 21000 characters that GitHub reads of one";
  if (/ExceededMaxDepth$/i.test(short)) return "the expression is nested deeper than GitHub reads";
  const quoted = short.replace(/'((?:[^'\n]|'(?=\w))*)'/g, '"$1"');
  return quoted.charAt(0).toLowerCase() + quoted.slice(1);
}

/** What GitHub's schema lets a condition name: contexts and functions, as `github` or `always(0,0)`. */
export function allowedIn(site: "step-if" | "job-if"): readonly string[] {
  return getWorkflowSchema().getDefinition(site).readerContext;
}
