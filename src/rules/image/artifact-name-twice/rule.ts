import { shownText, type Text } from "../../../simulate/text.ts";
import type { Event, Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { actionUse } from "../../workflow/action-use.ts";
import { sameInRun, sameRun, walksByScenario } from "../same-run.ts";

export const rule = defineRule({
  meta: {
    id: "artifact-name-twice",
    summary: "jobs that build images upload artifacts of the same name, which upload-artifact refuses since v4",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["digest-artifact-name-collision"],
  },
  workflow(workflow, report) {
    for (const traces of walksByScenario(workflow).values()) {
      const byName = new Map<string, Upload[]>();
      for (const upload of traces.flatMap(uploadsIn)) byName.set(upload.shown, [...(byName.get(upload.shown) ?? []), upload]);
      for (const uploads of byName.values()) {
        for (const upload of uploads) {
          const other = uploads.find((one) => one.trace !== upload.trace && !isSameRow(one.trace, upload.trace, workflow) && sameRun(one.trace, upload.trace));
          if (other === undefined) continue;
          const how = howOften(upload, other);
          report({
            message: `the artifact "${upload.shown}" is uploaded ${HOW[how]}: only the first one gets it`,
            place: upload.event.operation.place,
            key: "",
            confidence: [upload, other].every(({ trace }) => trace.row.certain) ? "certain" : "likely",
            facts: [
              { sentence: "this name is the same each time", place: upload.name.place },
              ...(how !== "jobs" ? [] : [{ sentence: "and here", place: other.event.operation.place }]),
            ],
            log: { tool: "actions/upload-artifact", lines: [CONFLICT] },
            cause: "artifacts cannot be changed since v4 of upload-artifact: a run has each name once, and the second job that uploads it fails",
            remedies: [
              advice(
                how !== "jobs"
                  ? `put the row into the name (digests-\${{ strategy.job-index }}), and download by pattern with merge-multiple: true`
                  : "give each job's artifact a name of its own",
                "steps that download by the old name have to change",
              ),
            ],
            traces: [upload.trace],
          });
        }
      }
    }
  },
});

const CONFLICT =
  "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run";

const HOW = { rows: "by each row of the matrix", calls: "by each call of the workflow", jobs: "by another job too" } as const;

function howOften(a: Upload, b: Upload): keyof typeof HOW {
  if (a.event.step.step !== b.event.step.step) return "jobs";
  return a.trace.row.name === b.trace.row.name ? "calls" : "rows";
}

interface Upload {
  readonly event: Event;
  readonly trace: Trace;
  readonly name: Text;
  readonly shown: string;
}

/** Of jobs that build; others are not our concern. */
function uploadsIn(trace: Trace): readonly Upload[] {
  if (!trace.events.some(({ operation }) => operation.kind === "build" && !operation.onlyAsks)) return [];
  return trace.events.flatMap((event) => {
    const { operation, step } = event;
    if (operation.kind !== "upload-artifact" || operation.overwrite !== false || !event.sure || step.runs !== "yes") return [];
    const { name } = operation;
    const major = actionUse(step)?.version?.major;
    if (name === undefined || major === undefined || major < 4 || step.step.continueOnError !== undefined) return [];
    return sameInRun(name.parts.filter((part) => typeof part !== "string")) ? [{ event, trace, name, shown: shownText(name) }] : [];
  });
}

/** The same job and row under other assumptions; a called workflow's job runs once for each row of its caller. */
const isSameRow = (a: Trace, b: Trace, workflow: WorkflowStudy): boolean =>
  a.job === b.job && a.row.name === b.row.name && (a.calledFrom.length === 0 || callerOf(a, workflow) === callerOf(b, workflow));

const callerOf = ({ calledFrom }: Trace, { file }: WorkflowStudy): string =>
  calledFrom.map((place) => `${place.file.name === file.name ? "" : place.file.name}${place.route.join("/")}`).join("\n");
