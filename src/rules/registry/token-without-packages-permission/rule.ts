import type { Fact, Remedy } from "../../../findings/finding.ts";
import { textOf } from "../../../simulate/text.ts";
import type { Study, Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import type { Job, Workflow } from "../../../workflow/model.ts";
import { addPermission } from "../../remedies/jobs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule, type Report } from "../../rule.ts";
import { type PackagesPermission, packagesPermission } from "../permissions.ts";
import { type Push, pushesIn } from "../pushes.ts";
import { stepPlace } from "../step-place.ts";
import { isJobToken } from "../token.ts";

export const rule = defineRule({
  meta: {
    id: "token-without-packages-permission",
    summary: "an image is pushed to ghcr.io with a token that may not write packages",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["ghcr-packages-permission"],
  },
  study(study, report) {
    for (const workflow of study.workflows) for (const job of workflow.jobs) for (const trace of job.traces) look(trace, job.traces, study, report);
  },
});

function look(trace: Trace, ofJob: readonly Trace[], study: Study, report: Report): void {
  // Its token can only read, whatever is written; of a call, nobody knows who calls.
  if (trace.scenario.kind === "fork" || trace.scenario.kind === "call") return;
  const push = pushesIn(trace).find((one) => one.image.host === "ghcr.io" && one.what !== "cache" && byToken(one, trace));
  if (push === undefined) return;
  const granted = grantedIn(trace, study);
  if (granted === undefined) return;
  const { permission, job, workflow } = granted;
  const { event } = push;
  const isDefault = permission.access === "default";
  const jobPlace = { file: workflow.file, route: ["jobs", job.id.text] };
  const fact: Fact = {
    sentence: isDefault
      ? "nothing here gives the token more than the repository's settings do, which for new repositories is to read"
      : "what `permissions` does not name is taken away, and `packages: write` is not among them",
    place: permission.place ?? { file: workflow.file, span: job.id.span },
  };
  const price = isDefault ? "permissions that are not named are taken away: name those that other steps of the job need" : "none";
  const add: Remedy = remedy({ title: "give the job's token packages: write", price, safety: isDefault ? "unsafe" : "safe" }, [
    addPermission(jobPlace, "packages", "write"),
  ]);
  report({
    message: isDefault
      ? "the job's token may push to ghcr.io only if the repository's settings let it"
      : "the job's token may not push to ghcr.io: it lacks packages: write",
    place: stepPlace(event),
    key: "ghcr.io",
    severity: isDefault ? "warning" : "error",
    confidence: isDefault ? "possible" : push.certain && event.before.logins.length === 1 ? "certain" : "likely",
    facts: [
      { sentence: `this goes to ghcr.io: "${push.image.shown}"`, place: push.text.place },
      ...push.event.before.logins.slice(-1).map(() => loginFact(push, trace)),
      fact,
    ],
    log: { tool: "ghcr.io", lines: ["denied: installation not allowed to Write organization package"] },
    cause: "the token of a job may do only what `permissions` of the job, or else of the workflow, allow; a push to GitHub's registry needs `packages: write`",
    remedies: [add, advice("log in with a token of one's own that may write packages", "a secret has to be kept and renewed")],
    traces: [trace],
    among: ofJob.filter((one) => pushesIn(one).some(({ event: { step } }) => step.step === event.step.step)),
  });
}

const tokenLogin = (push: Push, trace: Trace) => {
  const logins = trace.events.filter(({ operation }) => operation.kind === "log-in");
  return logins.findLast(
    ({ step, operation, after }) => step.index <= push.event.step.index && operation.kind === "log-in" && textOf(after.logins.at(-1)?.registry) === "ghcr.io",
  );
};

function byToken(push: Push, trace: Trace): boolean {
  const login = tokenLogin(push, trace);
  return login?.operation.kind === "log-in" && isJobToken(login.operation.password);
}

const loginFact = (push: Push, trace: Trace): Fact => ({
  sentence: "the job logs in there with its own token",
  place: tokenLogin(push, trace)?.operation.place,
});

interface Granted {
  readonly permission: PackagesPermission;
  readonly job: Job;
  readonly workflow: Workflow;
}

/** Who keeps the permission back: a called workflow has no more than each of its callers. Undefined when nobody does, or it cannot be known. */
function grantedIn(trace: Trace, study: Study): Granted | undefined {
  const own = { permission: packagesPermission(trace.job, trace.workflow), job: trace.job, workflow: trace.workflow };
  const callers = trace.calledFrom.map(({ file, route }) => {
    const workflow = study.workflows.find((one: WorkflowStudy) => one.file.name === file.name)?.workflow;
    const job = workflow?.jobs.find(({ id }) => id.text === route[1]);
    return workflow === undefined || job === undefined ? undefined : { permission: packagesPermission(job, workflow), job, workflow };
  });
  if (callers.includes(undefined)) return undefined;
  const chain = [...(callers as readonly Granted[]), own];
  if (chain.some(({ permission }) => permission.access === "unknown")) return undefined;
  const keeps = chain.find(({ permission }) => permission.access === "none" || permission.access === "read");
  if (keeps !== undefined) return keeps;
  // Who is called without permissions of its own has those of its caller.
  return chain.every(({ permission }) => permission.access === "default") ? own : undefined;
}
