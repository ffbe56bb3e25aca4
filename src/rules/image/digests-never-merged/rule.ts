import type { JobStudy, Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { type Push, pushesIn } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "digests-never-merged",
    summary: "images are pushed by digest, and no job gives them a name",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["matrix-digest-no-merge"],
  },
  study({ workflows }, report) {
    // Another workflow may take over what this one leaves.
    const handedOn = workflows.some(({ workflow }) => workflow.triggers.some(({ event }) => event === "workflow_run" || event === "repository_dispatch"));
    for (const workflow of workflows) {
      if (!workflow.jobs.some(({ traces }) => traces.some(pushesByDigest)) || handedOn) continue;
      if (workflow.workflow.triggers.some(({ event }) => event === "workflow_call") || joins(workflow)) continue;
      for (const { job, traces } of workflow.jobs) {
        for (const trace of traces) {
          const push = pushesIn(trace).find(isByDigest);
          if (push === undefined) continue;
          report({
            message: `"${push.image.repository}" is pushed by digest, and no job of the workflow gives it a name`,
            place: push.event.operation.place,
            key: push.image.repository,
            confidence: push.certain && isAlone(job.id.text, workflow) ? "certain" : "likely",
            facts: [{ sentence: "this is pushed without a tag", place: push.text.place }],
            log: { tool: "the registry, on a pull", lines: ["manifest unknown"] },
            cause:
              "an image that is pushed by digest has no tag: nobody can pull it by name until a job joins the digests with docker buildx imagetools create",
            remedies: [
              advice("add a job that needs this one, downloads the digests and runs docker buildx imagetools create", "one more job, with a log-in of its own"),
              advice("push with a tag, all platforms in one job", "foreign platforms are emulated or cross-compiled there"),
            ],
            traces: [trace],
          });
        }
      }
    }
  },
});

const pushesByDigest = (trace: Trace): boolean => pushesIn(trace).some(isByDigest);
const isByDigest = ({ byDigest, what }: Push): boolean => byDigest === true && what === "image";

/** Nothing else of the workflow could do it. */
const isAlone = (id: string, { jobs }: WorkflowStudy): boolean => jobs.every(({ job }) => job.id.text === id || !job.needs.some((need) => need.text === id));

/** Some job joins images, or may: it does what nobody knows. */
const joins = ({ jobs }: WorkflowStudy): boolean => jobs.some((job) => job.job.uses !== undefined || mayJoin(job));

/** Tools that could do it, and scripts that are somewhere else. */
const TOOLS = /\b(?:imagetools|manifest|index|regctl|crane|oras|skopeo|multihull|make|just|task|npm|yarn|pnpm|node|python3?|go run)\b|\.\/|\.sh\b/;

const mayJoin = ({ job, traces }: JobStudy): boolean =>
  job.steps.some(({ run }) => run !== undefined && TOOLS.test(run.text)) ||
  traces.length === 0 ||
  traces.some((trace) => trace.events.some(({ operation }) => operation.kind === "create-index" || operation.kind === "push-index") || hasDoubt(trace));

/** An action that nobody knows, behind the first push or in a job without one. */
const hasDoubt = ({ events, steps }: Trace): boolean =>
  events.some(({ operation }) => operation.kind === "doubt") ||
  steps.some(({ step }) => step.uses?.target.kind === "local" || step.uses?.target.kind === "docker");
