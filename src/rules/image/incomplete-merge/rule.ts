import type { Span } from "../../../core/span.ts";
import type { Trace } from "../../../simulate/trace.ts";
import type { Job } from "../../../workflow/model.ts";
import { pushesIn } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "incomplete-merge",
    summary: "images of several jobs are joined also when one of the jobs failed",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["digest-merge-incomplete"],
  },
  job({ job, traces }, workflow, report) {
    if (!traces.some(joinsDigests)) return;
    const builders = job.needs.flatMap(({ text }) => workflow.jobs.filter((one) => one.job.id.text === text && one.traces.some(pushesByDigest)));
    const [first] = builders;
    if (first === undefined) return;
    const { if: condition } = job;
    const { file } = workflow;
    const cause = "the job joins whatever digests are there, so a platform whose build failed is missing from the image, and nobody is told";
    if (condition !== undefined && goesOn(condition.expression) && !builders.some(({ job: { id } }) => namesResult(condition.expression, id.text))) {
      report({
        message: `the images are joined also when the job "${first.job.id.text}" fails for a platform`,
        place: { file, span: condition.scalar.span },
        facts: [{ sentence: "this job builds the images", place: { file, span: first.job.id.span } }],
        cause,
        remedies: [
          advice(`ask for its success too: needs.${first.job.id.text}.result == 'success'`, "nothing is published when one platform fails"),
          advice("count the digests before they are joined", "a line of script that has to know the number"),
        ],
        traces: traces.filter(joinsDigests),
      });
    }
    for (const { job: builder } of builders) {
      const goes = continues(builder);
      if (goes === undefined) continue;
      report({
        message: `a platform that fails in the job "${builder.id.text}" is left out of the image in silence`,
        place: { file, span: goes },
        facts: [{ sentence: "this job joins what is there", place: { file, span: job.id.span } }],
        cause,
        remedies: [
          advice("let the job fail: take continue-on-error away", "one failing platform stops the release"),
          advice("count the digests before they are joined", "a line of script that has to know the number"),
        ],
        traces: traces.filter(joinsDigests),
      });
    }
  },
});

/** From files that other jobs left: their number is not known. */
const joinsDigests = ({ events }: Trace): boolean =>
  events.some(({ operation }) => operation.kind === "download-artifact") &&
  events.some(
    ({ operation }) =>
      operation.kind === "create-index" &&
      (operation.sources.open || operation.sources.items.some(({ parts }) => parts.some((part) => typeof part !== "string" && part.source.startsWith("$")))),
  );

const pushesByDigest = (trace: Trace): boolean => pushesIn(trace).some(({ byDigest }) => byDigest === true);

const goesOn = (expression: string): boolean => /\balways\s*\(|!\s*cancelled\s*\(|!\s*failure\s*\(/i.test(expression) && !/\bsuccess\s*\(/i.test(expression);

/** `needs.build.result`, `needs['build'].result`, `needs.*.result`. */
function namesResult(expression: string, id: string): boolean {
  const text = expression.toLowerCase().replace(/\s+/g, "");
  return [`needs.${id}.result`, `needs['${id}'].result`, "needs.*.result"].some((name) => text.includes(name.toLowerCase()));
}

/** Where the job may fail without any harm. */
const continues = ({ continueOnError }: Job): Span | undefined => (continueOnError?.text.trim() === "true" ? continueOnError.span : undefined);
