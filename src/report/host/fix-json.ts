import { assertNever } from "../../core/never.ts";
import { unifiedDiff } from "../../fix/unified-diff.ts";
import type { ShownChange, ShownHostFix } from "./fix-text.ts";

/** `fix --host --format json`, as `docs/json.md` describes it. */
export function hostFixJson({ outcome, with: way, changes, notes, left, record }: ShownHostFix): object {
  return { version: 1, outcome, with: way, changes: changes.map(changeJson), notes, left, record };
}

function changeJson(change: ShownChange): object {
  const { kind, about } = change;
  switch (kind) {
    case "file":
      return { kind, about, path: change.path, diff: unifiedDiff(change.path.replace(/^\/+/, ""), change.before ?? "", change.after) };
    case "restart":
      return { kind, about, command: change.command, byHand: change.byHand };
    case "emulator":
      return { kind, about, architectures: [change.architecture], interpreter: change.interpreter };
    case "emulator-container":
      return { kind, about, architectures: change.architectures, command: change.command, undo: change.undo };
    case "builder":
    case "select":
      return { kind, about, name: change.name, command: change.command, undo: change.undo };
    default:
      return assertNever(kind);
  }
}
