import { exportersOf } from "../../../simulate/exporters.ts";
import type { Text } from "../../../simulate/text.ts";
import { eventsOf, type Trace, type TracedStep } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "attested-digest-missing",
    summary: "an attestation takes the digest of a build that publishes nothing",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["attest-build-provenance-digest"],
  },
  step(step, trace, report) {
    const digest = ATTESTS.has(step.action ?? "") ? step.inputs.get("subject-digest") : undefined;
    const event = digest && buildOf(digest, step, trace);
    if (digest === undefined || event === undefined || publishingOf(event.operation).pushes !== false) return;
    const exporters = exportersOf(event.operation);
    const none = exporters.length === 0 && !event.operation.outputs.open;
    // What is pushed later by Docker may keep its digest.
    if (!none && (eventsOf(trace, "push-image").length > 0 || exporters.some(({ certain }) => !certain))) return;
    report({
      message: none ? "the build has no output, so that there is no digest to attest" : "the digest that is attested is of an image that nothing publishes",
      place: digest.place,
      key: "",
      severity: none ? "error" : "warning",
      confidence: step.runs === "yes" && event.step.runs === "yes" ? "likely" : "possible",
      facts: [{ sentence: none ? "this build neither pushes nor loads" : "this build loads the image and does not push it", place: event.operation.place }],
      log: none && majorOf(step) >= FIRST_WITH_CHECKSUMS ? { tool: "actions/attest", lines: [NOTHING_GIVEN] } : undefined,
      cause: none
        ? "the digest is that of an exported image: a build that only fills its cache has none, and the output is empty"
        : "the registry gives an image its digest when it is pushed: that of a loaded image names nothing that anybody can pull",
      remedies: [advice("attest under the condition under which the build pushes", "runs that publish nothing attest nothing")],
    });
  },
});

const ATTESTS = new Set(["actions/attest-build-provenance", "actions/attest-sbom", "actions/attest"]);
const OUTPUT = /^steps\.([\w-]+)\.outputs\.digest$/;
/** actions/attest, src/subject.ts, read 2026-11-22. */
const NOTHING_GIVEN = "Error: One of subject-path, subject-digest, or subject-checksums must be provided";
const FIRST_WITH_CHECKSUMS = 3;

function buildOf({ parts }: Text, step: TracedStep, trace: Trace): BuildEvent["event"] | undefined {
  const [only, ...others] = parts;
  const id = others.length === 0 && typeof only === "object" ? OUTPUT.exec(only.source)?.[1] : undefined;
  if (id === undefined) return undefined;
  const events = trace.events
    .filter(isBuildEvent)
    .filter(({ step: one }) => one.index < step.index && one.step.id?.text === id && one.action === "docker/build-push-action");
  return events.length === 1 ? events[0] : undefined;
}

const majorOf = ({ step }: TracedStep): number => Number(/@v(\d+)/.exec(step.uses?.scalar.text ?? "")?.[1] ?? 0);
