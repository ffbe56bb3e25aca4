import { posix } from "node:path";
import type { DockerCommand, Tool } from "../../shell/commands/command.ts";
import { knownStart, type Value, valueAfter } from "../../shell/values.ts";
import { bakeBuilds } from "../bake-builds.ts";
import type { Driver } from "../environment.ts";
import type { CreateBuilder, Operation } from "../operation.ts";
import { NO_TEXTS, splitText, type Text, type Texts, textOf } from "../text.ts";
import { buildOf, switchOf, withClient } from "./build-operation.ts";
import { emulatorsOfImage, emulatorsOfPackages } from "./emulators.ts";
import type { Scene } from "./scene.ts";
import { flagsPrinted, isPrinted, sourcesOf } from "./substituted.ts";

const DRIVERS: ReadonlySet<string> = new Set<Driver>(["docker", "docker-container", "kubernetes", "remote", "cloud"]);

type Client = "docker" | "podman" | "buildah";
const clientOf = (tool: Tool): Client => (tool === "buildx" ? "docker" : tool);

/** What a command of Docker, Buildx, podman, buildah or apt asks for. `make` is for whoever follows it. */
export function operationsOfDocker(command: DockerCommand, scene: Scene): readonly Operation[] {
  const { place, texts } = scene;
  const variables = withClient(scene, command.client);
  const asked = variables.size === 0 ? { place } : { place, variables };
  const text = (value: Value | undefined): Text | undefined => texts.optional(value);
  switch (command.kind) {
    case "build":
      return [buildOf(command, command.client, scene)];
    case "builder-create":
      if (command.leave === true) return [];
      return [{ ...createBuilder(command, scene), ...asked }];
    case "builder-use":
      return [{ kind: "use-builder", name: text(command.name), ...asked }];
    case "builder-remove":
      return [{ kind: "remove-builder", names: texts.words(command.names, command.allInactive !== false), ...asked }];
    case "builder-install":
      return [{ kind: "install-buildx", ...asked }];
    case "builder-inspect":
    case "builder-list":
    case "imagetools-inspect":
    case "manifest-inspect":
    case "make":
      return [];
    case "bake": {
      const open = command.opaque.length > 0;
      return bakeBuilds(
        {
          through: "docker buildx bake",
          place,
          files: texts.texts(command.files),
          directory: scene.directory,
          source: undefined,
          gitContext: false,
          targets: texts.words(command.targets, open),
          set: texts.texts(command.set, open),
          variables: bakeVariables(command.variables, scene),
          push: switchOf("push", command.push, open, scene),
          load: switchOf("load", command.load, open, scene),
          builder: text(command.builder),
          provenance: text(command.provenance),
          sbom: text(command.sbom),
          allow: NO_TEXTS,
          onlyAsks: command.onlyAsks,
        },
        scene.step.readers,
      ).map((build) => (variables.size === 0 ? build : { ...build, variables }));
    }
    case "imagetools-create": {
      if (command.dryRun === true) return [];
      const flags = command.sources.flatMap((value) => flagsPrinted(value, scene) ?? []);
      const open = command.opaque.some((value) => flagsPrinted(value, scene) === undefined && (holdsTags(value) || !isPrinted(value)));
      const tags = texts.texts(command.tags, open);
      const sources = sourcesOf(
        command.sources.filter((value) => !holdsTags(value)),
        scene,
        command.files.length > 0,
      );
      return [
        {
          kind: "create-index",
          tool: "imagetools",
          names: {
            items: [...tags.items, ...flags.flatMap(({ items }) => items)],
            open: open || flags.some((each) => each.open),
            place: tags.place ?? flags[0]?.place,
          },
          sources,
          amend: command.append,
          builder: text(command.builder),
          pushes: true,
          ...asked,
        },
      ];
    }
    case "push":
      return [{ kind: "push-image", tool: clientOf(command.tool), image: text(command.image), platform: text(command.platform), ...asked }];
    case "pull":
      return [{ kind: "pull-image", tool: clientOf(command.tool), image: text(command.image), platform: text(command.platform), ...asked }];
    case "tag":
      return [{ kind: "tag-image", tool: clientOf(command.tool), source: text(command.source), targets: texts.words(command.targets), ...asked }];
    case "save": {
      const saved: Operation = { kind: "save-image", images: texts.words(command.images), platforms: texts.list(command.platforms), ...asked };
      return command.output === undefined ? [saved] : [saved, { kind: "write-file", path: texts.path(command.output, scene.directory), place }];
    }
    case "load":
      return [{ kind: "load-image", platforms: texts.list(command.platforms), ...asked }];
    case "login":
      return [
        {
          kind: "log-in",
          registry: text(command.server),
          username: text(command.username),
          password: command.passwordFrom === "argument" ? text(command.password) : scene.input && texts.pieces(scene.input, place),
          tool: clientOf(command.tool),
          ...asked,
        },
      ];
    case "manifest-create":
      return [
        {
          kind: "create-index",
          tool: manifestTool(command.tool),
          names: texts.texts(command.list === undefined ? [] : [command.list]),
          sources: sourcesOf(command.images, scene, false),
          amend: command.amend,
          builder: undefined,
          pushes: false,
          ...asked,
        },
      ];
    case "manifest-add":
      return [
        {
          kind: "create-index",
          tool: manifestTool(command.tool),
          names: texts.texts(command.list === undefined ? [] : [command.list]),
          sources: sourcesOf(command.images, scene, false),
          amend: true,
          builder: undefined,
          pushes: false,
          ...asked,
        },
      ];
    case "manifest-annotate":
      return [{ kind: "annotate-index", name: text(command.list), image: text(command.image), architecture: text(command.arch), ...asked }];
    case "manifest-push":
      return [{ kind: "push-index", tool: manifestTool(command.tool), name: text(command.list), all: command.all, ...asked }];
    case "context-create":
      return [{ kind: "create-context", name: text(command.name), endpoint: endpointOf(text(command.endpoint)), ...asked }];
    case "context-use":
      return [{ kind: "use-context", name: text(command.name), ...asked }];
    case "run": {
      const emulators = emulatorsOfImage(text(command.image), texts.words(command.arguments), place);
      if (emulators !== undefined) return emulators;
      return [
        {
          kind: "run-container",
          image: text(command.image),
          platform: text(command.platform) ?? (clientOf(command.tool) === "docker" ? variables.get("DOCKER_DEFAULT_PLATFORM") : undefined),
          ports: texts.texts(command.ports),
          arguments: texts.words(command.arguments),
          ...asked,
        },
      ];
    }
    case "install-packages":
      return emulatorsOfPackages(texts.words(command.packages), scene);
  }
}

/** `$(jq … "-t " …)`: what a substitution prints are flags, not sources. */
const holdsTags = ({ pieces: [only, ...others] }: Value): boolean =>
  only?.kind === "unknown" && others.length === 0 && /(?:^|["'\s])(?:-t|--tag)\b/.test(only.source);

const manifestTool = (tool: Tool): "docker manifest" | "podman" | "buildah" => (tool === "podman" || tool === "buildah" ? tool : "docker manifest");

function createBuilder(command: Extract<DockerCommand, { kind: "builder-create" }>, scene: Scene): CreateBuilder {
  const { texts, place } = scene;
  const open = command.opaque.some((value) => value !== command.endpoint);
  const named = command.driver === undefined ? "docker-container" : textOf(texts.text(command.driver));
  return {
    kind: "create-builder",
    place,
    name: texts.optional(command.name),
    driver: open && command.driver === undefined ? "unknown" : named !== undefined && DRIVERS.has(named) ? (named as Driver) : "unknown",
    endpoint: texts.optional(command.endpoint),
    driverOptions: csvItems(texts.texts(command.driverOptions, open)),
    platforms: texts.list(command.platforms, open),
    use: open && command.use === false ? undefined : command.use,
    append: command.append !== false,
    config: configOf(command.config, scene),
    keepState: false,
    buildxVersion: undefined,
  };
}

/** `a=b,c=d` is two options, unless quotes say otherwise. */
function csvItems({ items, open, place }: Texts): Texts {
  return {
    items: items.flatMap((item) => (item.parts.some((part) => typeof part === "string" && part.includes('"')) ? [item] : splitText(item, ","))),
    open,
    place,
  };
}

/** The text of a configuration file that the repository has, or that this script wrote; null when it is somewhere else. */
function configOf(value: Value | undefined, scene: Scene): string | null | undefined {
  if (value === undefined) return undefined;
  const path = textOf(scene.texts.path(value, scene.directory));
  if (path === undefined) return null;
  const written = scene.written.get(path);
  if (written !== undefined) return written === null ? null : (textOf(written) ?? null);
  const read = posix.isAbsolute(path) ? undefined : scene.step.readers.files.read(path);
  return read?.kind === "text" ? read.file.text : null;
}

/** `host=ssh://x` is what `--docker` takes. */
function endpointOf(text: Text | undefined): Text | undefined {
  const [first, ...rest] = text?.parts ?? [];
  if (text === undefined || typeof first !== "string") return text;
  const host = /(?:^|,)host=([^,]*)/.exec(first);
  return host === null
    ? text
    : { parts: rest.length === 0 || host.index + host[0].length < first.length ? [host[1] ?? ""] : [host[1] ?? "", ...rest], place: text.place };
}

/** Bake takes its variables from the environment and from `--var NAME=value`. */
function bakeVariables(given: readonly Value[], { texts, environment }: Scene): ReadonlyMap<string, Text> {
  const all = new Map(environment());
  for (const value of given) {
    const [head, name] = /^([^=]+)=/.exec(knownStart(value)) ?? [];
    if (head !== undefined && name !== undefined) all.set(name, texts.text(valueAfter(value, head.length)));
  }
  return all;
}
