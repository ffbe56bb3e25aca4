import { textOf } from "../../../simulate/text.ts";
import type { Trace, TracedStep, WorkflowStudy } from "../../../simulate/trace.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { actionUse } from "../../workflow/action-use.ts";
import { othersInRun } from "../same-run.ts";

export const rule = defineRule({
  meta: {
    id: "build-records-among-artifacts",
    summary: "a job that joins images downloads every artifact of the run, with the records that the Docker actions leave",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["dockerbuild-artifact-mixed"],
  },
  workflow(workflow, report) {
    for (const { traces } of workflow.jobs) {
      for (const trace of traces) {
        for (const { operation, step } of trace.events) {
          if (operation.kind !== "download-artifact" || operation.name !== undefined || operation.pattern !== undefined || step.inputs.has("artifact-ids"))
            continue;
          if (!trace.events.some((event) => event.operation.kind === "create-index")) continue;
          const recorder = recorderBefore(trace, workflow);
          if (recorder === undefined) continue;
          const merged = textOf(step.inputs.get("merge-multiple")) === "true";
          report({
            message: `every artifact of the run is downloaded${merged ? " into one folder" : ""}, with the build records of ${recorder.action ?? "the Docker actions"}`,
            place: operation.place,
            facts: [
              {
                sentence: "this leaves an artifact with a name that ends in .dockerbuild",
                place: { file: recorder.place.file, span: recorder.step.uses?.scalar.span ?? recorder.step.node.span },
              },
            ],
            cause:
              "the Docker actions upload a record of each build; without a name or pattern download-artifact takes these too, and what is made of the files of the folder takes them for digests",
            remedies: [
              remedy(
                { title: "download only the digests: pattern: digests-*", price: "the names of the uploaded artifacts have to begin so", safety: "unsafe" },
                [uploadsBegin(trace, workflow) ? addInputs(step.place, { pattern: "digests-*" }) : undefined],
              ),
              advice("set DOCKER_BUILD_RECORD_UPLOAD: false where the images are built", "no build record to look at afterwards"),
            ],
            traces: [trace],
          });
        }
      }
    }
  },
});

const FIRST_WITH_RECORDS: Readonly<Record<string, number>> = { "docker/build-push-action": 6, "docker/bake-action": 5 };

/** A step of a job that this one needs, which leaves a record. */
function recorderBefore(trace: Trace, workflow: WorkflowStudy): TracedStep | undefined {
  const needed = new Set(trace.job.needs.map(({ text }) => text));
  for (const other of othersInRun(trace, workflow)) {
    if (!needed.has(other.job.id.text)) continue;
    for (const { operation, step, before } of other.events) {
      if (operation.kind !== "build" || operation.onlyAsks || step.runs !== "yes") continue;
      const use = actionUse(step);
      const since = use === undefined ? undefined : FIRST_WITH_RECORDS[use.name];
      const off = ["DOCKER_BUILD_RECORD_UPLOAD", "DOCKER_BUILD_SUMMARY"].some(
        (name) => operation.variables?.has(name) === true || before.variables.has(name) || speaksOf(step, name),
      );
      if (since !== undefined && (use?.version?.major ?? 0) >= since && !off) return step;
    }
  }
  return undefined;
}

const speaksOf = ({ step, place }: TracedStep, name: string): boolean => place.file.text.slice(step.node.span.start, step.node.span.end).includes(name);

const uploadsBegin = (trace: Trace, workflow: WorkflowStudy): boolean => {
  const names = othersInRun(trace, workflow).flatMap(({ events }) =>
    events.flatMap(({ operation }) => (operation.kind === "upload-artifact" ? [operation.name?.parts[0]] : [])),
  );
  return names.length > 0 && names.every((name) => typeof name === "string" && name.startsWith("digests-"));
};
