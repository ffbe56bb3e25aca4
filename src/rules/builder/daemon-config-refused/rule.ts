import { latestDocker } from "../../../facts/docker.ts";
import { atLeast } from "../../../facts/version.ts";
import { parseDaemonConfig } from "../../../simulate/image-store.ts";
import { textOf } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule, type Told } from "../../rule.ts";
import { sureness } from "../sureness.ts";

export const rule = defineRule({
  meta: {
    id: "daemon-config-refused",
    summary: "a second Docker gets a configuration with which it cannot start",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["setup-docker-config-shallow-merge", "userns-remap-containerd"],
  },
  event(event, trace, report) {
    const { operation } = event;
    if (operation.kind !== "start-daemon" || event.step.action !== SETUP) return;
    const text = textOf(event.step.inputs.get("daemon-config"))?.trim();
    if (text === undefined || text === "") return;
    const told = notJson(text) ?? remapped(text, operation.version === "latest" ? latestDocker(trace.asOf) : operation.version);
    const place = event.step.inputs.get("daemon-config")?.place ?? operation.place;
    if (told !== undefined) report({ ...told, place, confidence: sureness(event) });
  },
});

const SETUP = "docker/setup-docker-action";

function notJson(text: string): Omit<Told, "place"> | undefined {
  if (isJson(text)) return undefined;
  return {
    message: "`daemon-config` is not JSON",
    key: "json",
    cause:
      "The text becomes the daemon.json of the Docker that the step starts, and is read as strict JSON: no YAML, no comments, no comma behind the last entry.",
    remedies: [advice('write strict JSON, such as `{"features": {"containerd-snapshotter": true}}`', "nothing")],
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function remapped(text: string, version: string | undefined): Omit<Told, "place"> | undefined {
  const config = parseDaemonConfig(text);
  if (config?.snapshotter !== true || !config.usernsRemap || version === undefined || atLeast(version, "29.0.0") !== true) return undefined;
  return {
    message: "Docker cannot have the containerd image store and `userns-remap` together",
    key: "userns",
    log: {
      tool: "dockerd",
      lines: [
        "containerd-snapshotter is explicitly enabled, but is not compatible with userns remapping. Please disable userns remapping or containerd-snapshotter",
      ],
    },
    cause:
      "With `userns-remap` the daemon's containers run as other users, which the snapshots of the containerd image store do not bear. Since Docker 29 the daemon refuses to start with both.",
    remedies: [
      advice("leave `userns-remap` out", "root in a container is root of the runner, which is new for each job"),
      advice("leave the containerd image store out, and build with a builder of Buildx", "images are in Docker's own store only when they are loaded"),
    ],
  };
}
