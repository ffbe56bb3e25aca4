import type { Remedy } from "../../findings/finding.ts";
import { textOf } from "../../simulate/text.ts";
import type { Event, StepPlace, Trace, TracedStep } from "../../simulate/trace.ts";
import { newestAs } from "./actions.ts";
import { setInput } from "./inputs.ts";
import { insertSteps } from "./insert-step.ts";
import { sameList } from "./layout.ts";
import { remedy } from "./remedy.ts";
import { QEMU } from "./set-up-builder.ts";
import { conditionOf, moveStep } from "./steps.ts";

const PRICE = "each run pulls the emulators (some seconds), and emulated programs take several times as long";

/**
 * Emulators for some architectures before a step that runs their programs: the setup-qemu step that is there is moved before it, or gets them too; else there
 * is a new one. Before the step that makes the builder, which looks for emulators only once.
 */
export function setUpEmulators({ step }: Pick<Event, "step">, trace: Trace, architectures: readonly string[]): Remedy {
  const { place } = step;
  const setups = trace.steps.filter((one) => one.action === QEMU.action && one.runs === "yes" && sameList(one.place, place));
  const later = setups.find((one) => one.index > step.index);
  if (later !== undefined) return remedy({ title: "set up QEMU before this step", price: PRICE }, [moveStep(later.place, place)]);
  const earlier = setups.findLast((one) => one.index < step.index);
  const list = earlier?.inputs.get("platforms");
  if (earlier !== undefined && list !== undefined) {
    const there = textOf(list)?.trim();
    const value = there === undefined ? undefined : [...there.split(/\s*,\s*/), ...architectures].join(",");
    const edit = value === undefined || there === undefined || there.includes("\n") ? undefined : setInput(earlier.place, "platforms", value);
    return remedy({ title: "let the step that sets up QEMU install these too", price: PRICE }, [edit]);
  }
  const target = firstPlace(step, trace);
  const release = newestAs(place.file, QEMU.action, trace.asOf);
  const name = QEMU.name;
  // Every row of a matrix may have its platform.
  const inputs = trace.row.name === "" ? { platforms: architectures.join(",") } : undefined;
  const edit = release && insertSteps([{ name, ...release, if: conditionOf(place), with: inputs }], "before", target);
  return remedy({ title: "set up QEMU before this step", price: PRICE }, [edit]);
}

/** The step that makes a builder, where it stands before the one at hand under the same condition; else that one. */
function firstPlace(step: TracedStep, trace: Trace): StepPlace {
  const makes = trace.steps.find(
    (one) => one.action === "docker/setup-buildx-action" && one.index < step.index && one.runs === "yes" && sameList(one.place, step.place),
  );
  return makes !== undefined && (conditionOf(makes.place) === undefined || conditionOf(makes.place) === conditionOf(step.place)) ? makes.place : step.place;
}
