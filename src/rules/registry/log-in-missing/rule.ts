import { registryFacts } from "../../../facts/registries.ts";
import type { Confidence, Fact, Prediction, Remedy } from "../../../findings/finding.ts";
import { textOf } from "../../../simulate/text.ts";
import type { Trace, TracedStep } from "../../../simulate/trace.ts";
import { addLogIn } from "../../remedies/log-in.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { copyCondition, moveStep } from "../../remedies/steps.ts";
import { defineRule } from "../../rule.ts";
import { DOCKER_HUB, isPrivateHost } from "../image-name.ts";
import { loggedIn, mayLogInUnseen } from "../log-ins.ts";
import { type Push, pushesIn, pushesOf } from "../pushes.ts";
import { stepPlace } from "../step-place.ts";

export const rule = defineRule({
  meta: {
    id: "log-in-missing",
    summary: "an image is pushed to a registry that the job has not logged in to",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["login-missing-or-late", "merge-job-no-login-or-buildx"],
  },
  event(event, trace, report) {
    for (const push of pushesOf(event)) {
      const { host } = push.image;
      if (push.what === "cache" || !push.asked || host === undefined || isPrivateHost(host) || !needsLogIn(host)) continue;
      if (firstTo(host, trace) !== push || loggedIn(event.before, push.image) !== "no" || mayLogInUnseen(trace, event)) continue;
      const why = whyNot(push, trace, host);
      report({
        message: `the push to ${host} ${MESSAGES[why.kind]}`,
        place: stepPlace(event),
        key: host,
        confidence: confidenceOf(push, trace, host),
        facts: [{ sentence: `this goes to ${host}: "${push.image.shown}"`, place: push.text.place }, ...factsOf(why, push)],
        log: logOf(push, host),
        cause:
          "credentials are read on the machine of the job when the push begins, and each job has a machine of its own: only an earlier step of the same job can bring them",
        remedies: remediesOf(why, push, trace, host),
      });
    }
  },
});

/** Of a registry that nobody has described too. */
const needsLogIn = (host: string): boolean => (registryFacts(host)?.push ?? "account") === "account";

/** Without a log-in the first push ends the job: further ones are not told of. */
const firstTo = (host: string, trace: Trace): Push | undefined =>
  pushesIn(trace).find(({ image, what, asked }) => image.host === host && what !== "cache" && asked);

type WhyNot = { readonly kind: "late" | "skipped"; readonly step: TracedStep } | { readonly kind: "missing" | "elsewhere" };

const MESSAGES: Readonly<Record<WhyNot["kind"], string>> = {
  late: "comes before the log-in there",
  skipped: "happens where the step that logs in there does not run",
  elsewhere: "has no log-in: the job logs in to another registry",
  missing: "has no log-in in its job",
};

function whyNot({ event }: Push, trace: Trace, host: string): WhyNot {
  const later = trace.events.find(
    ({ operation, step, after }) => operation.kind === "log-in" && step.index > event.step.index && textOf(after.logins.at(-1)?.registry) === host,
  );
  if (later !== undefined) return { kind: "late", step: later.step };
  const skipped = trace.steps.find((step) => step.runs === "no" && step.index < event.step.index && logsInTo(step, host));
  if (skipped !== undefined) return { kind: "skipped", step: skipped };
  return { kind: event.before.logins.length > 0 ? "elsewhere" : "missing" };
}

/** As written: the inputs of a step that does not run are not filled in. */
function logsInTo({ step }: TracedStep, host: string): boolean {
  const target = step.uses?.target;
  if (target?.kind !== "repository" || `${target.owner}/${target.repo}`.toLowerCase() !== "docker/login-action") return false;
  const given = (name: string): string | undefined => {
    const value = step.with.find(({ key }) => key.text.toLowerCase() === name)?.value;
    return value?.kind === "scalar" ? value.text.trim() : undefined;
  };
  return given("registry-auth") === undefined && (given("registry") ?? DOCKER_HUB) === host;
}

function confidenceOf({ certain, event }: Push, trace: Trace, host: string): Confidence {
  const { runner } = trace.start;
  if (runner.kind !== "hosted" || runner.container !== undefined) return "possible";
  const { operation } = event;
  const byOther = operation.kind === "build" && (operation.through === "other" || operation.through === "goreleaser");
  // Some repositories have no forks, or none that anybody sends anything from.
  return certain && !byOther && trace.scenario.kind !== "fork" && registryFacts(host) !== undefined ? "certain" : "likely";
}

function factsOf(why: WhyNot, { event }: Push): readonly Fact[] {
  if (why.kind === "late" || why.kind === "skipped") {
    const { step, place } = why.step;
    const span = (why.kind === "skipped" ? step.if?.scalar.span : undefined) ?? step.uses?.scalar.span ?? step.node.span;
    return [
      {
        sentence: why.kind === "late" ? "the job logs in here, after it has pushed" : "this step logs in, but does not run when the push does",
        place: { file: place.file, span },
      },
    ];
  }
  return event.before.logins.map(({ fact }) => ({ sentence: "this log-in is for another registry", place: fact.place }));
}

/** What is certain to be printed; other registries have words of their own. */
function logOf({ event }: Push, host: string): Prediction | undefined {
  const { kind } = event.operation;
  const isBuildKit = kind === "build" || kind === "create-index";
  if (host === DOCKER_HUB)
    return isBuildKit ? { tool: "BuildKit", lines: [HUB_REFUSES] } : { tool: "docker", lines: ["denied: requested access to the resource is denied"] };
  return isBuildKit && host === "ghcr.io" ? { tool: "BuildKit", lines: ["failed to authorize: failed to fetch anonymous token"] } : undefined;
}

const HUB_REFUSES = "push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";

function remediesOf(why: WhyNot, { event }: Push, trace: Trace, host: string): readonly Remedy[] {
  const { place } = event.step;
  const add = remedy({ title: `log in to ${host} before this step`, price: "the step needs a user and a token that may write there", safety: "unsafe" }, [
    addLogIn(place, host, trace.asOf),
  ]);
  if (why.kind === "late") return [remedy({ title: "move the log-in before this step", price: "none" }, [moveStep(why.step.place, place)]), add];
  if (why.kind === "skipped")
    return [
      remedy({ title: "give the step that logs in the condition of this one", price: "it then logs in wherever the image is pushed", safety: "unsafe" }, [
        copyCondition(place, why.step.place),
      ]),
      advice("push only where the job has logged in", "elsewhere the image is built and not published"),
    ];
  return [add, advice("push only where the job may log in", "elsewhere the image is built and not published")];
}
