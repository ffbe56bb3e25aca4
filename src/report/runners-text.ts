import { countText } from "../core/quantity.ts";
import type { RunnersReport } from "../fix/runners-report.ts";
import { clean } from "./clean.ts";

/** What was changed, or would be, with what the workflow does otherwise then, and what was left as it is and why. Without the diff. Ends without a line feed. */
export function runnersText({ made, refused, files, written }: RunnersReport): string {
  const lines = made.flatMap(({ file, job, jobs, changes }) => [
    `${clean(file)}: job "${clean(job)}" ${jobs.length > 1 && jobs.includes(job) ? "is spread" : "changes"}: unsafe, for it may change what the workflow does`,
    ...changes.map((change) => `    ${clean(change)}`),
  ]);
  const left = refused.map(({ file, job, reason }) => `${clean(file)}: job "${clean(job)}" is left as it is: ${clean(reason)}`);
  const parts = [lines, left, [summary(made.length, files.length, refused.length, written)]].filter((part) => part.length > 0);
  return parts.map((part) => part.join("\n")).join("\n\n");
}

function summary(made: number, files: number, refused: number, written: boolean): string {
  if (made === 0) return refused === 0 ? "no job builds an image in this way" : "no job can be changed";
  const done = `${countText(made, "job")} in ${countText(files, "file")}`;
  return written ? `wrote ${done}` : `${done}; nothing was written: add --write, or give the diff to "git apply"`;
}
