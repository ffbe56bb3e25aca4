import { posix } from "node:path";
import type { BakeTarget } from "../bake/bake-file.ts";
import { BAKE_DEFAULT_FILES } from "../bake/default-files.ts";
import type { Place } from "../core/span.ts";
import { type Definition, definitionOf, resolutionOf } from "./bake-definition.ts";
import { servicePlatform } from "./compose-platform.ts";
import type { Build, Through } from "./operation.ts";
import { severalPlatforms } from "./platform-count.ts";
import type { Readers } from "./readers.ts";
import { NO_TEXTS, OFF, type Switch, type Text, type Texts, textOf } from "./text.ts";
import { unknownBuild } from "./unknown-build.ts";
import { isInWorkspace, workspacePath } from "./workspace-path.ts";

/** What `docker buildx bake` is asked for, by the command or by docker/bake-action. */
export interface BakeRequest {
  readonly through: "docker buildx bake" | "docker/bake-action";
  /** Of the step or the command. */
  readonly place: Place;
  /** `--file` in order; none: the files that bake looks for. */
  readonly files: Texts;
  /** Where the files and the targets' contexts are, relative to the workspace (`""` is the workspace itself); undefined when unknown. */
  readonly directory: string | undefined;
  /** A definition from elsewhere (a git address), as bake-action's `source` when it is not `.`; undefined: the workspace. */
  readonly source: Text | undefined;
  /** A git context of the action's own making: bake files come from the commit, and what steps wrote is not in it. */
  readonly gitContext: boolean;
  /** None: `default`. */
  readonly targets: Texts;
  /** `TARGET.KEY=VALUE`. */
  readonly set: Texts;
  /** What the command's environment (and `--var`) holds, by name: bake's variables take their values from there. */
  readonly variables: ReadonlyMap<string, Text>;
  readonly push: Switch;
  readonly load: Switch;
  readonly builder: Text | undefined;
  readonly provenance: Text | undefined;
  readonly sbom: Text | undefined;
  readonly allow: Texts;
  /** `--print`, `--check`, `--call`, `--list`: nothing is built. */
  readonly onlyAsks: boolean;
}

/**
 * The builds that bake makes of a definition, one a target, in bake's order. A definition that cannot be read (a file that is missing, made by an
 * earlier step, or from elsewhere) gives one build of which nothing is known. Mistakes of the files are complained of.
 */
export function bakeBuilds(request: BakeRequest, readers: Readers): readonly Build[] {
  const { through, place, onlyAsks } = request;
  const unknown: Build = {
    ...unknownBuild(through, place),
    builder: request.builder,
    push: given(request.push),
    load: given(request.load),
    gitContext: request.gitContext,
    onlyAsks,
  };
  const definition = request.source === undefined ? definitionOf(request.files, BAKE_DEFAULT_FILES, request.directory, readers) : undefined;
  if (definition === undefined) return [unknown];
  const targets = request.targets.items.map(textOf);
  const {
    targets: found,
    missing,
    open,
    complaints,
  } = resolutionOf(
    definition,
    targets.filter((one) => one !== undefined),
    request.set.items,
    request.variables,
  );
  // What metadata-action writes may define what seems to lack.
  if (!definition.described) {
    readers.complain(complaints);
    readers.complain(missing.map((name) => ({ code: "bake-syntax", severity: "error", message: `failed to find target ${name}`, place })));
  }
  const some = targets.includes(undefined) || request.targets.open;
  const builds =
    some && request.targets.items.every((item) => textOf(item) === undefined)
      ? []
      : found.map((target) => buildOf(target, request, definition.described || request.set.open));
  return open || some ? [...builds, unknown] : builds;
}

/** What holds for every target. */
type Asked = Omit<BakeRequest, "through" | "files" | "targets" | "set" | "variables" | "source"> & { readonly through: Through };

/** What a command does not say may come from elsewhere. */
const given = (asked: Switch): Switch => (asked.place === undefined && asked.value === false ? { value: undefined, atoms: [], place: undefined } : asked);

function buildOf(target: BakeTarget, request: Asked, described: boolean): Build {
  const { directory } = request;
  const context = workspacePath(target.context ?? { parts: ["."], place: target.place }, directory);
  const opened = (texts: Texts): Texts => (described ? { ...texts, open: true } : texts);
  return {
    kind: "build",
    through: request.through,
    place: target.place,
    name: target.name,
    builder: request.builder,
    platforms: target.platforms,
    tags: opened(target.tags),
    push: target.linked ? OFF : request.push,
    load: target.linked ? OFF : request.load,
    outputs: target.outputs,
    cacheTo: target.cacheTo,
    cacheFrom: target.cacheFrom,
    provenance: request.provenance,
    sbom: request.sbom,
    attests: target.attests,
    annotations: opened(target.annotations),
    labels: opened(target.labels),
    file: target.dockerfile && besides(context, target.dockerfile),
    inline: target.inline,
    context,
    gitContext: request.gitContext,
    stage: target.stage,
    buildArgs: opened(target.args),
    buildContexts: target.contexts,
    secrets: target.secrets,
    network: target.network,
    allow: request.allow,
    manifest: undefined,
    onlyAsks: request.onlyAsks || (target.call !== undefined && textOf(target.call) !== "build"),
  };
}

/** A Dockerfile is relative to its context, where that is a folder. */
function besides(context: Text, dockerfile: Text): Text {
  const folder = textOf(context);
  if (folder === undefined) return { parts: [...context.parts, ...withSlash(dockerfile)], place: dockerfile.place };
  return isInWorkspace(context) ? workspacePath(dockerfile, folder === "." ? "" : folder) : dockerfile;
}

const withSlash = ({ parts }: Text): Text["parts"] => (typeof parts[0] === "string" ? [`/${parts[0]}`, ...parts.slice(1)] : ["/", ...parts]);

/** What `docker compose build`, `up --build` or `push` is asked for. */
export interface ComposeRequest {
  readonly place: Place;
  readonly files: Texts;
  readonly directory: string | undefined;
  /** None: every service. */
  readonly services: Texts;
  readonly variables: ReadonlyMap<string, Text>;
  readonly push: Switch;
  readonly builder: Text | undefined;
  /** `up` builds what it runs: one platform, the service's own or the machine's. */
  readonly runs?: boolean;
}

/** What compose reads when no file is named: the first of these, and its override. */
const COMPOSE_FILES: readonly string[] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: ReadonlyMap<string, readonly string[]> = new Map(
  COMPOSE_FILES.map((name) => [name, [".yml", ".yaml"].map((ending) => name.replace(/\.ya?ml$/, `.override${ending}`))]),
);

/** The builds of a compose file's services, one a service that has `build`. Of what cannot be read, one build of which nothing is known. */
export function composeBuilds(request: ComposeRequest, readers: Readers): readonly Build[] {
  const { directory, place, push, builder } = request;
  const through = "docker compose";
  const unknown: Build = { ...unknownBuild(through, place), builder, push };
  const definition = definitionOf(request.files, [], directory, readers) ?? defaultsOf(request, readers);
  const services = request.services.items.map(textOf);
  if (definition === undefined || request.services.open || services.includes(undefined)) return [unknown];
  // Bake's own extension counts for bake only, and resolving takes it in.
  if (definition.files.some(({ file }) => file.text.includes("x-bake"))) return [unknown];
  const folder = posix.dirname(definition.paths[0] ?? "");
  const { targets, open } = resolutionOf(
    definition,
    services.filter((one) => one !== undefined).map((name) => name.replaceAll(".", "_")),
    [],
    request.variables,
  );
  const load: Switch = push.value === undefined ? push : { value: !push.value, atoms: [], place: undefined };
  const asked = {
    through,
    place,
    directory: folder === "." ? "" : folder,
    gitContext: false,
    push,
    load,
    builder,
    provenance: undefined,
    sbom: undefined,
    allow: NO_TEXTS,
    onlyAsks: false,
  } as const;
  const builds = targets.map((target) => {
    const build = buildOf(target, asked, false);
    const pinned = servicePlatform(definition.files, target.name);
    const platforms = platformsOf(build, pinned, request.runs === true);
    return severalPlatforms(platforms) === true ? { ...build, platforms, load: OFF, outputs: ofSeveral(place) } : { ...build, platforms };
  });
  return open ? [...builds, unknown] : builds;
}

/** What is run is of one platform: the service's own, or else the machine's. */
function platformsOf({ platforms }: Build, pinned: Texts, runs: boolean): Texts {
  if (platforms.place === undefined || (runs && pinned.place !== undefined)) return pinned;
  return runs && severalPlatforms(platforms) === true ? NO_TEXTS : platforms;
}

/** What compose asks of several platforms: an image that stays in the builder, or is pushed. */
const ofSeveral = (place: Place): Texts => ({ items: [{ parts: ["type=image"], place }], open: false, place });

function defaultsOf({ files, directory }: ComposeRequest, readers: Readers): Definition | undefined {
  if (files.items.length > 0 || files.open || directory === undefined) return undefined;
  const first = COMPOSE_FILES.find((name) => readers.files.read(posix.join(directory, name)).kind === "text");
  return first === undefined ? undefined : definitionOf(files, [first, ...(OVERRIDES.get(first) ?? [])], directory, readers);
}
