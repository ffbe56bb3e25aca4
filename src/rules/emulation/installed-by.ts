import type { InstallEmulators } from "../../simulate/operation.ts";
import type { Text } from "../../simulate/text.ts";
import { type Event, eventsOf, type Trace } from "../../simulate/trace.ts";

export interface Installed {
  readonly event: Event & { readonly operation: InstallEmulators };
  /** Undefined: the action's default. */
  readonly image: Text | undefined;
}

/** The setup-qemu-action step that installed the emulators a build finds; undefined where something else did. */
export function sourceOf(build: Event, trace: Trace): Installed | undefined {
  const event = eventsOf(trace, "install-emulators").findLast(({ step }) => step.index < build.step.index && step.runs === "yes");
  if (event?.step.action !== "docker/setup-qemu-action") return undefined;
  const isGiven = event.step.step.with.some(({ key }) => key.text.toLowerCase() === "image");
  return { event, image: isGiven ? event.operation.image : undefined };
}
