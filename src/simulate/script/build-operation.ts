import type { BuildCommand, ClientFlags } from "../../shell/commands/command.ts";
import { knownStart, textOf as knownText, type Value, valueAfter } from "../../shell/values.ts";
import type { Build, Through } from "../operation.ts";
import { NO_TEXTS, type Switch, type Text, type Texts, textOf } from "../text.ts";
import { workspacePath } from "../workspace-path.ts";
import type { Scene } from "./scene.ts";

const THROUGH: Readonly<Record<BuildCommand["tool"], Through>> = {
  docker: "docker build",
  buildx: "docker buildx build",
  podman: "podman",
  buildah: "buildah",
};

/** The build that a command asks for. */
export function buildOf(command: BuildCommand, client: ClientFlags, scene: Scene): Build {
  const { texts, place, directory } = scene;
  const open = hidesFlags(command);
  const hole = (source: string): Text => ({ parts: [{ source, atoms: [] }], place });
  const anything = command.opaque.map((value) => texts.text(value)).flatMap(({ parts }) => parts);
  const file = dockerfile(command, scene);
  return {
    kind: "build",
    through: THROUGH[command.tool],
    place,
    name: undefined,
    variables: withClient(scene, client),
    builder: texts.optional(command.builder) ?? (open ? { parts: anything, place } : undefined),
    platforms: platformsOf(command, scene, open),
    tags: texts.texts(command.tags, open),
    push: switchOf("push", command.push, open, scene),
    load: switchOf("load", command.load, open, scene),
    outputs: texts.texts(command.outputs, open),
    cacheTo: texts.texts(command.cacheTo, open),
    cacheFrom: texts.texts(command.cacheFrom, open),
    provenance: texts.optional(command.provenance),
    sbom: texts.optional(command.sbom),
    attests: texts.texts(command.attests, open),
    annotations: texts.texts(command.annotations, open),
    labels: texts.texts(command.labels, open),
    file: file.path,
    inline: file.inline,
    context: command.context === undefined ? hole("$@") : texts.path(command.context, directory),
    gitContext: false,
    stage: texts.optional(command.target),
    buildArgs: texts.texts(command.buildArgs, open),
    buildContexts: texts.texts(command.buildContexts, open),
    secrets: texts.texts(command.secrets, open),
    network: texts.optional(command.network),
    allow: texts.list(command.allow, open),
    manifest: texts.optional(command.manifest),
    onlyAsks: command.onlyAsks,
  };
}

/** Whether flags may stand where nobody can see them. An unquoted variable that is the only argument is the context: a build has exactly one. */
function hidesFlags({ opaque, context }: BuildCommand): boolean {
  return opaque.some((value) => value !== context);
}

/** `--push` and its kind; the expression of `--push=${{ … }}` tells what it hangs on. */
export function switchOf(
  name: string,
  value: boolean | undefined,
  open: boolean,
  { texts, place, arguments: values }: Pick<Scene, "texts" | "place" | "arguments">,
): Switch {
  if (value === false && open) return { value: undefined, atoms: [], place: undefined };
  if (value !== undefined) return texts.switch(value, place);
  const written = values.findLast((one) => knownStart(one).startsWith(`--${name}=`));
  const text = written && texts.text(valueAfter(written, name.length + 3));
  const known = textOf(text);
  if (known === "true" || known === "false") return texts.switch(known === "true", place);
  return { value: undefined, atoms: text?.parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms)) ?? [], place };
}

function platformsOf(command: BuildCommand, { texts, variables, place }: Scene, open: boolean): Texts {
  if (command.platforms.length > 0) return texts.list(command.platforms, open);
  if (command.arch !== undefined || command.variant !== undefined || command.os !== undefined) {
    const parts = [textPart(command.os, "linux"), textPart(command.arch, undefined), textPart(command.variant, "")];
    const known = parts.every((part) => part !== undefined);
    return { items: known ? [{ parts: [parts.filter((part) => part !== "").join("/")], place }] : [], open: !known, place };
  }
  if (command.allPlatforms !== false) return { items: [], open: true, place };
  const byDefault = variables.get("DOCKER_DEFAULT_PLATFORM");
  if (byDefault !== undefined && (command.tool === "docker" || command.tool === "buildx")) return { items: [byDefault], open: false, place: byDefault.place };
  return open ? { ...NO_TEXTS, open } : NO_TEXTS;
}

const textPart = (value: Value | undefined, fallback: string | undefined): string | undefined => (value === undefined ? fallback : knownText(value));

/** `-f`, `-f -` with what is read, and `docker build - < file`. */
function dockerfile(command: BuildCommand, scene: Scene): { readonly path: Text | undefined; readonly inline: Text | undefined } {
  const { texts, directory, place, input } = scene;
  const named = command.file === undefined ? undefined : knownText(command.file);
  const fromInput = named === "-" || (command.context !== undefined && knownText(command.context) === "-");
  if (!fromInput) {
    const path = command.file === undefined ? undefined : texts.path(command.file, directory);
    const written = path === undefined ? undefined : scene.written.get(textOf(path) ?? "");
    return { path, inline: written ?? undefined };
  }
  const read = scene.command.command.redirections.findLast((one) => one.kind === "read" && one.descriptor === 0);
  if (read?.kind === "read") return { path: workspacePath(texts.pieces(scene.command.expand(read.target), place), directory), inline: undefined };
  const inline: Text = input === undefined ? { parts: [{ source: "$(cat)", atoms: [] }], place } : texts.pieces(input, place);
  return { path: undefined, inline };
}

/** `docker --context X` and `--host` do what the variables of that meaning do. */
export function withClient({ variables, texts }: Pick<Scene, "variables" | "texts">, { context, host }: ClientFlags): ReadonlyMap<string, Text> {
  if (context === undefined && host === undefined) return variables;
  const all = new Map(variables);
  if (context !== undefined) {
    all.set("DOCKER_CONTEXT", texts.text(context));
    all.delete("DOCKER_HOST");
  }
  if (host !== undefined) all.set("DOCKER_HOST", texts.text(host));
  return all;
}
