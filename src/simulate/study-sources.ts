import type { Complaint } from "../core/complaint.ts";
import type { SourceFile } from "../core/span.ts";
import type { Action, Workflow } from "../workflow/model.ts";
import { readAction } from "../workflow/read-action.ts";
import { readWorkflow } from "../workflow/read-workflow.ts";
import type { Readers } from "./readers.ts";

/** Workflows and local actions, each read once. */
export interface Sources {
  workflow(path: string): Workflow | undefined;
  /** The action of a folder (`action.yml`, `action.yaml`), or of a file. */
  action(path: string): Action | undefined;
  /** What kind of file it is, by a look at its text. */
  kindOf(path: string): "workflow" | "action" | "missing";
}

export function createSources(readers: Readers): Sources {
  const workflows = new Map<string, Workflow | undefined>();
  const actions = new Map<string, Action | undefined>();
  const text = (path: string): SourceFile | undefined => {
    const read = readers.files.read(path);
    if (read.kind === "refused") readers.complain([refusal(path, read.reason)]);
    return read.kind === "text" ? read.file : undefined;
  };
  const readActionAt = (path: string): Action | undefined => {
    const names = /(?:^|\/)[^/]+\.ya?ml$/.test(path) ? [path] : ["action.yml", "action.yaml"].map((name) => (path === "" ? name : `${path}/${name}`));
    for (const name of names) {
      const file = text(name);
      if (file === undefined) continue;
      const { action, complaints } = readAction(file);
      readers.complain(complaints);
      return action;
    }
    return undefined;
  };
  return {
    workflow: (path) =>
      kept(workflows, path, () => {
        const file = text(path);
        if (file === undefined) return undefined;
        const { workflow, complaints } = readWorkflow(file);
        readers.complain(complaints);
        return workflow;
      }),
    action: (path) => kept(actions, path, () => readActionAt(path)),
    kindOf(path) {
      const file = text(path);
      if (file === undefined) return "missing";
      return /^["']?runs["']?\s*:/m.test(file.text) && !/^["']?jobs["']?\s*:/m.test(file.text) ? "action" : "workflow";
    },
  };
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  if (!map.has(key)) map.set(key, make());
  return map.get(key) as T;
}

function refusal(path: string, reason: string): Complaint {
  return {
    code: "file-unreadable",
    severity: "error",
    message: `"${path}" is not read: ${reason}`,
    place: { file: { name: path, text: "" }, span: { start: 0, end: 0 } },
  };
}
