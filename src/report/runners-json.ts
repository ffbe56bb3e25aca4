import type { RunnersReport } from "../fix/runners-report.ts";

/** `fix --runners … --format json`, as `docs/json.md` describes it. */
export function runnersJson({ root, asOf, runners, written, failed, made, refused, files }: RunnersReport): object {
  return { version: 1, root, asOf, runners, written, failed, made, refused, files };
}
