import type { Fact } from "../../../findings/finding.ts";
import { shownText, type Text } from "../../../simulate/text.ts";
import type { Event, Trace } from "../../../simulate/trace.ts";
import { eventsOf } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "untrusted-build-with-secrets",
    summary: "a workflow with secrets builds what a pull request brings, which may then read them",
    severity: "warning",
    confidence: "certain",
    fix: "none",
    covers: ["pull-request-target-secret-leak"],
  },
  trace(trace, report) {
    if (trace.scenario.trigger.event !== "pull_request_target") return;
    const checkOut = eventsOf(trace, "check-out").find(({ operation }) => isForeign(operation.ref));
    if (checkOut === undefined) return;
    const build = eventsOf(trace, "build").find(({ operation, step }) => step.index > checkOut.step.index && !operation.gitContext && !operation.onlyAsks);
    const secret = secretIn(trace);
    if (build === undefined || secret === undefined) return;
    report({
      message: `"pull_request_target" hands secrets to a build of what a pull request brings ("${shownText(checkOut.operation.ref as Text)}")`,
      place: checkOut.operation.ref?.place ?? checkOut.operation.place,
      key: "",
      // Someone may have to say yes before.
      confidence: isGuarded(trace, checkOut) ? "possible" : "certain",
      facts: [
        {
          sentence: "the event gives secrets and a token that writes, also to pull requests from forks",
          place: { file: trace.workflow.file, span: trace.scenario.trigger.key.span },
        },
        { sentence: "this builds it", place: build.operation.place },
        secret,
      ],
      cause: "a Dockerfile or build script of a stranger can do what it likes on the runner, where log-ins and tokens are at hand",
      remedies: [
        advice("build pull requests under `pull_request`, without secrets, and publish after the merge", "images of pull requests are not published"),
        advice("let an environment with reviewers guard the job", "someone has to look at each pull request"),
      ],
    });
  },
});

const HEAD = /github\.event\.pull_request\.(?:head\.|merge_commit_sha)|github\.head_ref|refs\/pull\//;

const isForeign = (ref: Text | undefined): boolean => ref !== undefined && HEAD.test(writtenAt(ref));

/** As the file has it: the walk may know the value by then. */
const writtenAt = ({ place: { file, span } }: Text): string => file.text.slice(span.start, span.end);

/** A log-in, or a push, with what the event brings. */
function secretIn(trace: Trace): Fact | undefined {
  const login = eventsOf(trace, "log-in").find(({ operation }) => operation.password !== undefined);
  return login === undefined ? undefined : { sentence: "this logs in on the same machine", place: login.operation.place };
}

const isGuarded = ({ job, steps }: Trace, { step }: Event): boolean =>
  job.if !== undefined || job.environment !== undefined || job.needs.length > 0 || steps.some((one) => one.index <= step.index && one.step.if !== undefined);
