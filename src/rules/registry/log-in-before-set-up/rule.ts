import type { Operation } from "../../../simulate/operation.ts";
import { textOf } from "../../../simulate/text.ts";
import { eventsOf } from "../../../simulate/trace.ts";
import { remedy } from "../../remedies/remedy.ts";
import { moveStep } from "../../remedies/steps.ts";
import { defineRule } from "../../rule.ts";
import { DOCKER_HUB } from "../image-name.ts";

export const rule = defineRule({
  meta: {
    id: "log-in-before-set-up",
    summary: "the job logs in to Docker Hub before it pulls the builder and the emulators, so that these count against the account's limit",
    severity: "info",
    confidence: "possible",
    fix: "sometimes",
    covers: ["login-before-setup-rate-limit"],
  },
  trace(trace, report) {
    if (trace.start.runner.kind !== "hosted") return;
    const login = eventsOf(trace, "log-in").find(({ after }) => textOf(after.logins.at(-1)?.registry) === DOCKER_HUB);
    if (login === undefined || login.step.action !== "docker/login-action") return;
    const pulls = trace.events.filter(({ operation, step }) => step.index > login.step.index && step.runs === "yes" && pullsFromHub(operation, step.action));
    const [pull] = pulls;
    const last = pulls.at(-1);
    if (pull === undefined || last === undefined) return;
    const next = trace.steps.find(({ index, runs }) => index === last.step.index + 1 && runs !== "no");
    report({
      message: "the log-in to Docker Hub comes before the set-up, whose pulls then count against the account's limit",
      place: login.operation.place,
      facts: pulls.map(({ operation }) => ({ sentence: "this pulls an image from Docker Hub", place: operation.place })),
      log: {
        tool: "dockerd",
        lines: [
          "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
        ],
      },
      cause: "GitHub's own runners may pull from Docker Hub without an account as often as they like; with a free account each pull counts against its limit",
      remedies: [
        remedy({ title: "move the log-in behind the set-up", price: "none, on GitHub's own runners" }, [
          next === undefined ? undefined : moveStep(login.step.place, next.place),
        ]),
      ],
    });
  },
});

/** The builder's and the emulators' images, where nothing else is asked for. */
function pullsFromHub(operation: Operation, action: string | undefined): boolean {
  return (action === "docker/setup-buildx-action" || action === "docker/setup-qemu-action") && isHubImage(operation);
}

function isHubImage(operation: Operation): boolean {
  if (operation.kind === "create-builder")
    return operation.driver === "docker-container" && operation.driverOptions.items.length === 0 && !operation.driverOptions.open;
  return operation.kind === "install-emulators" && (operation.image === undefined || /^(?:docker\.io\/)?tonistiigi\//.test(textOf(operation.image) ?? ""));
}
