import type { Place } from "../../../core/span.ts";
import type { StepPlace } from "../../../simulate/trace.ts";
import type { Entry } from "../../../workflow/tree.ts";
import { sequenceToText } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule, type Told } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "input-as-list",
    summary: "an input is given as a YAML list or mapping, where GitHub takes only text and refuses the whole workflow",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["platforms-yaml-sequence"],
  },
  step({ step, place }, _trace, report) {
    for (const entry of step.with) if (entry.value.kind !== "scalar") report(told(entry, place));
  },
  job({ job, workflow }, _workflow, report) {
    const place: StepPlace = { file: workflow.file, route: ["jobs", job.id.text] };
    for (const entry of job.with) if (entry.value.kind !== "scalar") report(told(entry, place));
  },
});

/** Inputs that commas part: what these names mean to the Docker actions. */
const BY_COMMA: ReadonlySet<string> = new Set(["platforms", "targets", "files", "allow"]);

function told({ key, value }: Entry, step: StepPlace): Told {
  const name = key.text;
  const kind = value.kind === "sequence" ? "sequence" : "mapping";
  // GitHub tells it of the value's first character.
  const place: Place = { file: step.file, span: { start: value.span.start, end: Math.min(value.span.end, value.span.start + 1) } };
  const edit = sequenceToText(step, name, BY_COMMA.has(name.toLowerCase()) ? "," : "\n");
  const title = BY_COMMA.has(name.toLowerCase()) ? `write "${name}" as text, with commas between` : `write "${name}" as text, one item a line`;
  return {
    message: `input "${name}" is a YAML ${kind === "sequence" ? "list" : "mapping"}, and GitHub takes only text: it refuses the workflow`,
    place,
    key: name,
    traces: [],
    log: { tool: "GitHub", lines: [`A ${kind} was not expected`] },
    cause: "inputs of actions are texts, and an action parts a list itself; GitHub checks the file before any job starts, and starts none",
    remedies: [kind === "sequence" ? remedy({ title, price: "none" }, [edit]) : advice(`write "${name}" as text`, "none")],
  };
}
