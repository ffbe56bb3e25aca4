import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import { entryOf, resolved, type YamlEntry, type YamlMapping } from "../../yaml/tree.ts";
import { layoutOf, mappingOf } from "./layout.ts";
import { yamlEdit } from "./yaml-edit.ts";

/** Another `runs-on` for a job (its file and route: `["jobs", "build"]`), where it is one label that is written out. */
export function setRunsOn(job: StepPlace, label: string): FileEdit | undefined {
  const mapping = mappingOf(job);
  const value = mapping && entryOf(mapping, "runs-on")?.value;
  const at = [...job.route, "runs-on"];
  const only = value?.kind === "sequence" && value.items.length === 1 ? value.items[0] : value;
  if (only?.kind !== "scalar" || only.text.includes("${{") || only.text === label) return undefined;
  return yamlEdit(job, { op: "set", at: value?.kind === "sequence" ? [...at, 0] : at, value: label });
}

/**
 * A permission for the token: in the job's `permissions` where it has its own, else in the workflow's, else in a new block of the job, which then names
 * `contents: read` too, for what is not named is taken away. Undefined when it is there already, or `permissions` is one word.
 */
export function addPermission(job: StepPlace, scope: string, access: "read" | "write"): FileEdit | undefined {
  const mapping = mappingOf(job);
  const { root } = layoutOf(job.file);
  if (mapping === undefined || root?.kind !== "mapping") return undefined;
  const own = entryOf(mapping, "permissions");
  if (own !== undefined) return permit(job, own, [...job.route, "permissions"], scope, access);
  const workflows = entryOf(root, "permissions");
  if (workflows !== undefined) return permit(job, workflows, ["permissions"], scope, access);
  const value = { contents: "read", [scope]: access };
  return yamlEdit(job, { op: "add", at: job.route, key: "permissions", value, after: behind(mapping) });
}

function permit(job: StepPlace, { value }: YamlEntry, at: readonly (string | number)[], scope: string, access: string): FileEdit | undefined {
  const block = resolved(value);
  if (block?.kind !== "mapping") return undefined;
  const given = entryOf(block, scope)?.value;
  if (given === undefined) return yamlEdit(job, { op: "add", at, key: scope, value: access });
  if (given.kind !== "scalar" || given.text === access || given.text === "write") return undefined;
  return yamlEdit(job, { op: "set", at: [...at, scope], value: access });
}

const behind = (job: YamlMapping): string | undefined => ["runs-on", "needs", "name"].find((key) => entryOf(job, key) !== undefined);
