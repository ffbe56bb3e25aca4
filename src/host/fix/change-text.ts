import { assertNever } from "../../core/never.ts";
import type { HostChange } from "./change.ts";

/** What a change does: a sentence without full stop. */
export function changeText(change: HostChange): string {
  switch (change.kind) {
    case "file":
      return `${change.before === undefined ? "make" : "change"} "${change.path}"`;
    case "restart":
      return change.command === undefined ? change.byHand : "restart Docker";
    case "builder":
      return `make and start the builder "${change.name}"`;
    case "select":
      return `let builds take the builder "${change.name}"`;
    case "emulator":
      return `register an emulator for ${change.architecture} with the kernel`;
    case "emulator-container":
      return `register emulators for ${change.architectures.join(", ")} with the kernel, by a container`;
    default:
      return assertNever(change);
  }
}
