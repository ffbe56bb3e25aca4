import pc from "picocolors";
import { commandText } from "../../core/command-text.ts";
import { assertNever } from "../../core/never.ts";
import { unifiedDiff } from "../../fix/unified-diff.ts";
import { clean, cleanLines } from "../clean.ts";
import type { Colors } from "../progress/tty.ts";

/** What `hostFixText` prints. */
export interface ShownHostFix {
  readonly outcome: "planned" | "nothing" | "done" | "pending" | "undone";
  readonly with: "containerd" | "buildx" | undefined;
  readonly changes: readonly ShownChange[];
  readonly notes: readonly string[];
  readonly left: readonly string[];
  readonly record: string | undefined;
}

/** A change of the machine. */
export type ShownChange =
  | { readonly kind: "file"; readonly path: string; readonly before: string | undefined; readonly after: string; readonly about: string }
  | { readonly kind: "restart"; readonly command: readonly string[] | undefined; readonly byHand: string; readonly about: string }
  | {
      readonly kind: "builder" | "select";
      readonly name: string;
      readonly command: readonly string[];
      readonly undo: readonly string[];
      readonly about: string;
    }
  | { readonly kind: "emulator"; readonly architecture: string; readonly interpreter: string; readonly about: string }
  | {
      readonly kind: "emulator-container";
      readonly architectures: readonly string[];
      readonly command: readonly string[];
      readonly undo: readonly string[];
      readonly about: string;
    };

const PLAIN: Colors = pc.createColors(false);

/** What is, was or would be changed of this machine, for people: each change with its diff or command line, what it costs, what is left to do. Ends without a line feed. */
export function hostFixText(report: ShownHostFix, colors: Colors = PLAIN): string {
  const { outcome, changes, notes, left } = report;
  const isUndo = outcome === "undone";
  const made = changes.filter((change) => change.kind !== "restart" || change.command !== undefined);
  const isPlan = outcome === "planned";
  const steps = made.map((change) => (isUndo ? undoneLine(change) : changeLines(change, isPlan, colors))).join(isPlan ? "\n\n" : "\n");
  const told = notes.map((note) => `${colors.yellow("note:")} ${clean(note)}`);
  const acts = outcome === "nothing" ? [] : left.map((act) => `${colors.cyan("left to you:")} ${clean(act)}`);
  return [steps, told.join("\n"), acts.join("\n"), lastLine(report, made.length)].filter((part) => part !== "").join("\n\n");
}

function lastLine({ outcome, with: way, left }: ShownHostFix, made: number): string {
  const look = `"multihull doctor --host" shows whether it works`;
  switch (outcome) {
    case "planned":
      return made === 0 ? `multihull can change nothing here; ${look} afterwards` : "nothing was changed: add --write to do it";
    case "nothing":
      return way === undefined ? "nothing to undo" : "nothing to do";
    case "done":
      return `done, and it works; "multihull fix --host --undo" takes it back`;
    case "pending":
      return made === 0
        ? `nothing was changed; ${look} afterwards`
        : `written, and takes effect after what is left to you; ${look} then, and "multihull fix --host --undo" takes it back`;
    case "undone":
      return left.length === 0 ? "undone" : "undone, and takes effect after what is left to you";
    default:
      return assertNever(outcome);
  }
}

function changeLines(change: ShownChange, isPlan: boolean, colors: Colors): string {
  const head = `${colors.bold(clean(titleOf(change)))}: ${clean(change.about)}`;
  if (!isPlan) return head;
  return `${head}\n${change.kind === "file" ? diffOf(change) : indented(commandOf(change))}`;
}

function titleOf(change: ShownChange): string {
  switch (change.kind) {
    case "file":
      return `${change.before === undefined ? "make" : "change"} "${change.path}"`;
    case "restart":
      return "restart Docker";
    case "builder":
      return `builder "${change.name}"`;
    case "select":
      return `select "${change.name}"`;
    case "emulator":
      return `emulator for ${change.architecture}`;
    case "emulator-container":
      return `emulators for ${change.architectures.join(", ")}`;
    default:
      return assertNever(change);
  }
}

function undoneLine(change: ShownChange): string {
  switch (change.kind) {
    case "file":
      return clean(change.before === undefined ? `removed "${change.path}"` : `put "${change.path}" back as it was`);
    case "restart":
      return `restarted Docker`;
    case "builder":
    case "select":
    case "emulator-container":
      return clean(`took back ${titleOf(change)}: ${commandText(change.undo)}`);
    case "emulator":
      return clean(`took back ${titleOf(change)}`);
    default:
      return assertNever(change);
  }
}

function commandOf(change: Exclude<ShownChange, { kind: "file" }>): string {
  if (change.kind === "emulator") return `"${change.interpreter}" is registered in /proc/sys/fs/binfmt_misc`;
  return change.command === undefined ? change.kind : commandText(change.command);
}

const indented = (line: string): string => `    ${clean(line)}`;

const diffOf = ({ path, before = "", after }: Extract<ShownChange, { kind: "file" }>): string =>
  cleanLines(unifiedDiff(path.replace(/^\/+/, ""), before, after).replaceAll("\r\n", "\n")).trimEnd();
