import type { Confidence } from "../../findings/finding.ts";
import type { Event } from "../../simulate/trace.ts";

/** How sure a finding about an operation can be. */
export const sureness = ({ sure, step, before }: Event): Confidence => (sure && step.runs === "yes" && before.doubts.length === 0 ? "certain" : "likely");
