import { logInError } from "../../../facts/registries.ts";
import type { Prediction, Remedy } from "../../../findings/finding.ts";
import type { LogIn } from "../../../simulate/operation.ts";
import { type Text, textOf } from "../../../simulate/text.ts";
import type { Event, Trace } from "../../../simulate/trace.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { conditionOf, setCondition } from "../../remedies/steps.ts";
import { defineRule } from "../../rule.ts";
import { pushesOf } from "../pushes.ts";
import { isJobToken } from "../token.ts";

export const rule = defineRule({
  meta: {
    id: "fork-without-secrets",
    summary: "a pull request from a fork logs in or pushes with secrets that it does not get",
    severity: "error",
    // Some repositories have no forks, or none that anybody sends anything from.
    confidence: "likely",
    fix: "sometimes",
    covers: ["fork-pr-no-secrets"],
  },
  event(event, trace, report) {
    if (!isFromFork(trace)) return;
    const { operation } = event;
    if (operation.kind === "log-in") {
      const lacks = lackOf(operation);
      if (lacks === undefined || event.step.step.continueOnError !== undefined) return;
      report({
        message: "a pull request from a fork has no secrets to log in with",
        place: operation.place,
        key: "log-in",
        confidence: event.sure && event.step.runs === "yes" ? "likely" : "possible",
        facts: textsOf(operation).map(({ place }) => ({ sentence: "this is empty: GitHub gives the run of a fork's pull request no secret", place })),
        log: logOf(event, lacks),
        cause:
          "a pull request from a fork runs without the repository's secrets, so that nobody can steal them by one; the log-in then has nothing to log in with",
        remedies: [skipForForks(event), advice("do not run this job on pull requests", "pull requests are not built")],
      });
      return;
    }
    const push = pushesOf(event).find(({ what, certain, image }) => what !== "cache" && certain && image.host === "ghcr.io");
    const login = push && event.before.logins.findLast(({ registry }) => textOf(registry) === "ghcr.io");
    if (push === undefined || login === undefined || !withToken(trace, login.fact.place)) return;
    report({
      message: "a pull request from a fork may not push: its token can only read",
      place: operation.place,
      key: "push",
      facts: [
        { sentence: `this is pushed: "${push.image.shown}"`, place: push.text.place },
        { sentence: "the job logs in with its token, which for a fork's pull request can only read", place: login.fact.place },
      ],
      log: { tool: "ghcr.io", lines: ["denied: installation not allowed to Write organization package"] },
      cause: "a pull request from a fork gets a token that can read and not write, whatever `permissions` say",
      remedies: [advice(`push only when it is no pull request: push: \${{ ${NOT_FORK} }}`, "pull requests are built and not published")],
    });
  },
});

const isFromFork = ({ scenario }: Trace): boolean => scenario.kind === "fork" && scenario.trigger.event === "pull_request";

const textsOf = ({ username, password }: LogIn): readonly Text[] =>
  [username, password].filter((text): text is Text => text !== undefined && textOf(text) === "");

function lackOf(operation: LogIn): "both" | "username" | "password" | undefined {
  const { username, password, registry } = operation;
  // Amazon's registries are logged in to by the AWS credentials.
  if (/\.ecr\.|ecr\.aws/.test(textOf(registry) ?? "")) return undefined;
  const [user, secret] = [username, password].map((text) => text !== undefined && textOf(text) === "");
  return user && secret ? "both" : user ? "username" : secret ? "password" : undefined;
}

const logOf = ({ step }: Event, lacks: "both" | "username" | "password"): Prediction | undefined =>
  step.action === "docker/login-action" ? { tool: "docker/login-action", lines: [logInError(lacks)] } : undefined;

const withToken = (trace: Trace, place: Event["operation"]["place"] | undefined): boolean =>
  trace.events.some(({ operation }) => operation.kind === "log-in" && operation.place === place && isJobToken(operation.password));

const NOT_FORK = "github.event_name != 'pull_request'";

/** Only where pushes do not hang on it: a push without a log-in fails too. */
function skipForForks({ step }: Event): Remedy {
  const title = "log in only when it is no pull request";
  const condition = conditionOf(step.place);
  return remedy(
    { title, price: "pull requests of one's own do not log in either, so what they push or pull from private registries fails", safety: "unsafe" },
    [condition === undefined ? setCondition(step.place, NOT_FORK) : undefined],
  );
}
