import type { ActionModel } from "../action-model.ts";
import { fieldsOf } from "../input-list.ts";
import type { Operation } from "../operation.ts";
import { knownText, type Text, textOf } from "../text.ts";
import { joined, NOTHING, outcome } from "./asked.ts";

const CONTEXT = "setup-docker-action";

/** Downloads Docker, starts a second daemon with an empty data root, and makes its context the current one. */
export const setupDocker: ActionModel = {
  uses: ["docker/setup-docker-action", "crazy-max/ghaction-setup-docker"],
  model: ({ inputs, place, id }) => {
    const named = inputs.text("context");
    const context = named === undefined ? CONTEXT : (textOf(named) ?? CONTEXT);
    // It refuses that name: the step fails.
    if (context === "default") return NOTHING;
    const config = inputs.text("daemon-config");
    const socket = knownText(`unix:///home/runner/setup-docker-action/run-${id}/docker.sock`, place);
    const port = inputs.text("tcp-port");
    const operations: Operation[] = [
      {
        kind: "start-daemon",
        place,
        context,
        version: versionOf(inputs.text("version")),
        config: config === undefined ? undefined : (textOf(config) ?? null),
        store: undefined,
        rootless: inputs.switch("rootless", false).value === true,
      },
    ];
    if (inputs.switch("set-host", false).value === true) operations.push({ kind: "set-variable", place, name: "DOCKER_HOST", value: socket });
    return outcome(operations, { sock: socket, tcp: port === undefined ? undefined : joined(place, "tcp://127.0.0.1:", port) });
  },
};

/** `latest`, `v28.1.1`, `version=28,channel=test`, `type=image,tag=28.5`; undefined where it is none of these. */
function versionOf(input: Text | undefined): string | undefined {
  if (input === undefined) return "latest";
  const text = textOf(input);
  if (text === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const field of fieldsOf(text)) {
    const at = field.indexOf("=");
    if (at === -1) fields.set("version", field.trim());
    else fields.set(field.slice(0, at).trim(), field.slice(at + 1).trim());
  }
  const version = fields.get("type") === "image" ? (fields.get("tag") ?? "latest") : (fields.get("version") ?? "latest");
  const number = /^v?(\d+(?:\.\d+)*)/.exec(version)?.[1];
  return number ?? (version === "latest" ? "latest" : undefined);
}
