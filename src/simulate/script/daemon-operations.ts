import type { Environment } from "../environment.ts";
import type { Operation } from "../operation.ts";
import { textOf } from "../text.ts";
import type { Scene } from "./scene.ts";
import { knownTexts } from "./substituted.ts";

/** Where dockerd looks. */
export const DAEMON_CONFIG = "/etc/docker/daemon.json";

const STARTS: ReadonlySet<string> = new Set(["restart", "start", "reload-or-restart", "try-restart", "reload"]);
const SERVICE = /^docker(?:\.service)?$/;

/** `systemctl restart docker`, `service docker restart`, `/etc/init.d/docker restart`, `dockerd`. Undefined for every other command. */
export function operationsOfDaemon(scene: Scene): readonly Operation[] | undefined {
  const words = knownTexts(scene.arguments, scene);
  const plain = words.filter((word) => word?.startsWith("-") !== true);
  switch (scene.name) {
    case "systemctl":
      return STARTS.has(plain[0] ?? "") && plain.slice(1).some((word) => SERVICE.test(word ?? "")) ? restarted(scene) : [];
    case "service":
      return SERVICE.test(plain[0] ?? "") && STARTS.has(plain[1] ?? "") ? restarted(scene) : [];
    case "docker":
      return textOf(scene.texts.optional(scene.command.words[0])) === "/etc/init.d/docker" && STARTS.has(plain[0] ?? "") ? restarted(scene) : undefined;
    case "dockerd":
    case "dockerd-rootless.sh":
    case "dockerd-rootless-setuptool.sh":
      return [
        { ...started(scene.step.environment), place: scene.place, version: undefined, config: null, store: undefined, rootless: scene.name !== "dockerd" },
      ];
    default:
      return undefined;
  }
}

/** A daemon that comes back reads its configuration again; where nobody wrote one, nothing is new. */
function restarted({ written, place, step }: Scene): readonly Operation[] {
  const here = written.get(DAEMON_CONFIG);
  const earlier = step.environment.files.some(({ path }) => textOf(path) === DAEMON_CONFIG);
  if (here === undefined && !earlier) return [];
  return [{ ...started(step.environment), place, config: here === undefined || here === null ? null : (textOf(here) ?? null) }];
}

/** As it was before: the same version, the same store unless the configuration tells another. */
function started({ contexts }: Environment) {
  const daemon = contexts.get("default")?.daemon;
  return {
    kind: "start-daemon",
    context: undefined,
    version: daemon?.version,
    config: null as string | null,
    store: daemon?.store,
    rootless: daemon?.rootless ?? false,
  } as const;
}
