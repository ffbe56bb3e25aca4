import { atLeast } from "../../../facts/version.ts";
import { endpointOf } from "../../../simulate/endpoint.ts";
import type { OperationKind } from "../../../simulate/operation.ts";
import { textOf } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { sureness } from "../sureness.ts";

export const rule = defineRule({
  meta: {
    id: "api-version-too-old",
    summary: "the Docker command is told, by DOCKER_API_VERSION, to speak an API that is too old for the daemon",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["docker29-min-api"],
  },
  event(event, _, report) {
    const { operation, before } = event;
    const asked = operation.variables?.get("DOCKER_API_VERSION") ?? before.variables.get("DOCKER_API_VERSION");
    const api = textOf(asked);
    const { daemon } = endpointOf(before, operation.variables);
    if (asked === undefined || api === undefined || !/^1\.\d+$/.test(api) || !ASKS_DAEMON.has(operation.kind) || daemon?.version === undefined) return;
    const least = leastOf(daemon.version);
    if (least === undefined || atLeast(api, least) !== false) return;
    report({
      message: `Docker ${daemon.version} does not speak API ${api}: ${least} is the oldest that it knows`,
      place: asked.place,
      key: "",
      confidence: sureness(event),
      facts: [daemon.storeFact, { sentence: "this step asks the Docker daemon", place: operation.place }],
      log: {
        tool: "docker",
        lines: [
          `Error response from daemon: client version ${api} is too old. Minimum supported API version is ${least}, please upgrade your client to a newer version`,
        ],
      },
      cause: "DOCKER_API_VERSION makes the docker command speak an old API. The daemon answers to none that is older than the oldest it knows.",
      remedies: [advice("leave DOCKER_API_VERSION out: the docker command finds out by itself what the daemon speaks", "nothing")],
    });
  },
});

const ASKS_DAEMON: ReadonlySet<OperationKind> = new Set<OperationKind>([
  "build",
  "push-image",
  "pull-image",
  "tag-image",
  "save-image",
  "load-image",
  "run-container",
  "create-builder",
]);

/** @see https://docs.docker.com/engine/release-notes/29/ (1.44 in 29.0; 29.3 went back to 1.40) */
function leastOf(version: string): string | undefined {
  if (!/^\d+\.\d+\.\d+/.test(version) || atLeast(version, "29.0.0") !== true) return undefined;
  return atLeast(version, "29.3.0") === true ? "1.40" : "1.44";
}
