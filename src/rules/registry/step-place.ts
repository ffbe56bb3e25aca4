import type { Place } from "../../core/span.ts";
import type { Event } from "../../simulate/trace.ts";

/** Where a push is to be mended: the step that uses an action, whatever file names the image; in scripts the command. */
export function stepPlace({ operation, step }: Event): Place {
  return step.step.uses === undefined ? operation.place : { file: step.place.file, span: step.step.uses.scalar.span };
}
