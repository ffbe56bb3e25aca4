import { type FlagTable, readArguments } from "../../shell/arguments.ts";
import { textOf as knownText } from "../../shell/values.ts";
import { composeBuilds } from "../bake-builds.ts";
import type { Operation } from "../operation.ts";
import { OFF } from "../text.ts";
import { switchOf, withClient } from "./build-operation.ts";
import type { Scene } from "./scene.ts";

// docker/compose 2 (cmd/compose): the flags before the command, and those of build, up and push.
const CLIENT: FlagTable = {
  flagsFirst: true,
  text: ["project-name p", "ansi", "progress", "project-directory", "parallel", "context c", "host H"],
  list: ["file f", "env-file", "profile"],
  switch: ["compatibility", "dry-run", "all-resources", "verbose"],
};
const COMMAND: FlagTable = {
  text: ["builder", "memory m", "progress", "timeout t", "pull", "wait-timeout", "exit-code-from", "attach", "no-attach", "sbom", "provenance"],
  list: ["build-arg", "ssh", "scale"],
  switch: [
    "push",
    "no-cache",
    "quiet q",
    "with-dependencies",
    "check",
    "print",
    "detach d",
    "build",
    "no-build",
    "force-recreate",
    "no-deps",
    "remove-orphans",
    "wait",
    "abort-on-container-exit",
    "quiet-pull",
    "ignore-push-failures",
    "include-deps",
    "no-start",
    "parallel",
    "compress",
    "force-rm",
    "no-rm",
    "always-recreate-deps",
    "renew-anon-volumes V",
    "no-log-prefix",
    "no-color",
  ],
};

/** `docker compose build|up|push`; undefined for commands that are not compose's. */
export function operationsOfCompose(scene: Scene): readonly Operation[] | undefined {
  const { name, arguments: values, place, texts } = scene;
  const old = name === "docker-compose";
  const at = name === "docker" ? values.findIndex((value) => knownText(value)?.startsWith("-") !== true) : -1;
  if (!old && (at === -1 || knownText(values[at] as (typeof values)[number]) !== "compose")) return undefined;
  const outer = readArguments(old ? values : values.slice(at + 1), CLIENT);
  const [verb, ...rest] = outer.positional;
  const action = verb && knownText(verb);
  if (action !== "build" && action !== "up" && action !== "push") return [];
  const found = readArguments(rest, COMMAND);
  if (found.on("print") !== false || found.on("check") !== false || (action === "up" && found.on("no-build") === true)) return [];
  const folder = outer.last("project-directory");
  const variables = withClient(scene, { context: outer.last("context"), host: outer.last("host") });
  const builds = composeBuilds(
    {
      place,
      files: texts.texts(outer.all("file")),
      directory: folder === undefined ? scene.directory : undefined,
      services: texts.texts(found.positional, found.opaque.length > 0),
      variables: scene.environment(),
      push: action === "build" ? switchOf("push", found.on("push"), false, { ...scene, arguments: rest }) : OFF,
      builder: texts.optional(found.last("builder")),
      runs: action === "up",
    },
    scene.step.readers,
  );
  const asked = variables.size === 0 ? {} : { variables };
  if (action !== "push") return builds.map((build) => ({ ...build, ...asked }));
  return builds.flatMap((build): Operation[] =>
    build.tags.items.map((image) => ({ kind: "push-image", tool: "docker", image, platform: undefined, place, ...asked })),
  );
}
