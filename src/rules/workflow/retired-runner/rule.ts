import { nearest } from "../../../core/nearest.ts";
import { hostedLabel, hostedLabels } from "../../../facts/runners.ts";
import type { Remedy } from "../../../findings/finding.ts";
import type { StepPlace, Trace } from "../../../simulate/trace.ts";
import { setRunsOn } from "../../remedies/jobs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

/** Months: an end farther off is nobody's worry yet. */
const SOON = 6;

export const rule = defineRule({
  meta: {
    id: "retired-runner",
    summary: "a job waits for a runner that GitHub does not have any more, or never had",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["retired-runner-label"],
  },
  trace(trace, report) {
    const { runner } = trace.start;
    const place = runner.fact.place;
    const [label, ...others] = runner.labels;
    if (place === undefined || label === undefined || others.length > 0 || runner.kind === "self-hosted") return;
    const log = { tool: "GitHub", lines: ["The job was not acquired by Runner of type hosted even after multiple attempts"] };
    const cause = "GitHub serves a label until its image is retired; then jobs that ask for it wait until they are cancelled";
    if (runner.kind === "unknown") {
      const meant = meantBy(label);
      if (meant === undefined) return;
      report({
        message: `GitHub has no runner "${label}"; did you mean "${meant}"?`,
        place,
        key: label,
        severity: "warning",
        // It may be the name of a larger runner, or of one's own.
        confidence: "possible",
        log,
        cause: "a job waits for a runner with its labels, and is cancelled after a day when none comes",
        remedies: [another(trace, meant)],
      });
      return;
    }
    const images = hostedLabel(label, trace.asOf)?.images ?? [];
    const until = images.map((image) => image.until).reduce((a, b) => (a === undefined || b === undefined ? undefined : a > b ? a : b), images[0]?.until);
    if (until === undefined) return;
    const isGone = until <= trace.asOf;
    if (monthOf(until) - monthOf(trace.asOf) > SOON) return;
    const next = successor(label, trace.asOf);
    report({
      message: isGone ? `GitHub retired runner "${label}" on ${until}` : `GitHub will retire runner "${label}" on ${until}`,
      place,
      key: label,
      severity: isGone ? "error" : "info",
      confidence: isGone ? "likely" : "certain",
      facts: [runner.fact],
      log: isGone ? log : undefined,
      cause,
      remedies: next === undefined ? [] : [another(trace, next)],
    });
  },
});

const another = ({ workflow, job }: Trace, label: string): Remedy => {
  const place: StepPlace = { file: workflow.file, route: ["jobs", job.id.text] };
  return remedy({ title: `run on "${label}"`, price: "tools of the runner are of other versions", safety: "unsafe" }, [setRunsOn(place, label)]);
};

/** The newest of the same kind that stays, but for the very newest, which may be a preview. */
function successor(label: string, asOf: string): string | undefined {
  const kind = kindOf(label);
  const others = hostedLabels().filter((other) => kindOf(other) === kind && /\d/.test(other) && !kind.startsWith("macos"));
  const staying = others.filter((other) => (hostedLabel(other, asOf)?.images ?? []).every(({ until }) => until === undefined));
  const newest = staying.toSorted((a, b) => numberOf(b) - numberOf(a));
  return newest[1] ?? newest[0];
}

const monthOf = (date: string): number => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
const kindOf = (label: string): string => label.toLowerCase().replace(/[\d.]+/, "");
const numberOf = (label: string): number => Number(/\d+(?:\.\d+)?/.exec(label)?.[0] ?? 0);

/** Words for runners with Arm processors that people make up. */
function meantBy(label: string): string | undefined {
  const arm = /^ubuntu-(latest|\d\d\.\d\d)-(?:arm64|arm|aarch64)$/i.exec(label)?.[1];
  if (arm !== undefined) return hostedLabels().find((other) => other === `ubuntu-${arm === "latest" ? "24.04" : arm}-arm`);
  return /^(?:ubuntu|windows|macos)-/i.test(label) ? nearest(label, hostedLabels()) : undefined;
}
