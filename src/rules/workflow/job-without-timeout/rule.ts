import { formatPlatform, parsePlatform } from "../../../core/platform.ts";
import type { Place } from "../../../core/span.ts";
import type { FileEdit } from "../../../findings/finding.ts";
import { runsNatively } from "../../../simulate/emulation.ts";
import { knownItems } from "../../../simulate/text.ts";
import type { Trace } from "../../../simulate/trace.ts";
import { remedy } from "../../remedies/remedy.ts";
import { yamlEdit } from "../../remedies/yaml-edit.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { wrongPlatform } from "../platform-words.ts";

export const rule = defineRule({
  meta: {
    id: "job-without-timeout",
    summary: "a job runs programs under emulation, and nothing but GitHub's six hours ends it when they hang",
    severity: "info",
    confidence: "certain",
    fix: "sometimes",
    covers: ["timeout-missing"],
  },
  build(at, report) {
    const { job, workflow } = at.trace;
    if (at.trace.start.runner.kind !== "hosted" || job.timeoutMinutes !== undefined || at.event.step.step.timeoutMinutes !== undefined) return;
    const emulated = emulatedPlatform(at);
    if (emulated === undefined) return;
    const place: Place = { file: workflow.file, span: job.id.span };
    report({
      message: `job "${job.id.text}" runs programs for ${emulated} by emulation, and has no timeout-minutes`,
      place,
      key: "",
      facts: [{ sentence: `this builds for ${emulated} on a runner of another architecture`, place: at.build.place }],
      log: { tool: "GitHub", lines: ["The job running on runner GitHub Actions has exceeded the maximum execution time of 360 minutes."] },
      cause: "programs under emulation are slow, and some hang; a job without a limit of its own is ended after six hours, which are paid for",
      remedies: [
        remedy({ title: "end the job after two hours: `timeout-minutes: 120`", price: "a build that takes longer is ended", safety: "unsafe" }, [
          limit(at.trace),
        ]),
      ],
    });
  },
});

/** The first platform whose RUN instructions the runner's processor cannot run. */
function emulatedPlatform({ build, stages, trace }: BuildEvent): string | undefined {
  const { architecture } = trace.start.runner;
  const runsForTarget = stages?.some(({ runsOn, instructions }) => runsOn === "target" && instructions.some(({ kind }) => kind === "run"));
  if (architecture === undefined || runsForTarget !== true) return undefined;
  const platforms = knownItems(build.platforms).filter((text) => text.includes("/") && wrongPlatform(text) === undefined && !/wasm/i.test(text));
  return platforms
    .map((text) => parsePlatform(text))
    .filter((platform) => platform.os === "linux" && runsNatively(architecture, platform) === false)
    .map(formatPlatform)[0];
}

function limit({ workflow, job, calledFrom }: Trace): FileEdit | undefined {
  if (calledFrom.length > 0 && workflow.jobs.every((one) => one !== job)) return undefined;
  return yamlEdit({ file: workflow.file }, { op: "add", at: ["jobs", job.id.text], key: "timeout-minutes", value: 120, after: "runs-on" });
}
