import { readArguments } from "../arguments.ts";
import { textOf, type Value } from "../values.ts";
import * as buildah from "./buildah-flags.ts";
import * as buildx from "./buildx-flags.ts";
import type { ClientFlags, DockerCommand, OtherCommand, Tool } from "./command.ts";
import * as docker from "./docker-flags.ts";
import { readMake, readPackages } from "./machine.ts";
import { items, readBuild, unsorted } from "./read-build.ts";

const NO_CLIENT: ClientFlags = { context: undefined, host: undefined };

/**
 * Reads a command's words (of a {@link Step}) as one of the commands that images are made with; undefined for every other command, and
 * for a sub-command that does nothing to images, builders or contexts (`docker ps`).
 */
export function readCommand(words: readonly Value[]): DockerCommand | undefined {
  const [name, ...values] = words;
  switch ((name && textOf(name))?.replace(/^.*\//, "") ?? "") {
    case "docker":
      return readDocker(values);
    case "docker-buildx":
      return readBuildx(values, NO_CLIENT);
    case "podman":
      return readPodman("podman", values);
    case "buildah":
      return readPodman("buildah", values);
    case "apt-get":
    case "apt":
      return withClient(readPackages(values), NO_CLIENT);
    case "make":
    case "gmake":
      return withClient(readMake(values), NO_CLIENT);
    default:
      return undefined;
  }
}

const withClient = (command: OtherCommand | undefined, client: ClientFlags): DockerCommand | undefined => command && { ...command, client };

/** A sub-command's name and what stands behind it. */
function subCommand(positional: readonly Value[]): { readonly name: string; readonly rest: readonly Value[] } {
  const [first, ...rest] = positional;
  return { name: (first && textOf(first)) ?? "", rest };
}

function readDocker(values: readonly Value[]): DockerCommand | undefined {
  const outer = readArguments(values, docker.CLIENT);
  const client = { context: outer.last("context"), host: outer.last("host") };
  const { name, rest } = subCommand(outer.positional);
  const inner = subCommand(rest);
  switch (name) {
    case "build":
      return { ...readBuild("docker", rest, undefined), client };
    case "buildx":
      return readBuildx(rest, client);
    case "image":
    case "builder":
      if (inner.name === "build") return { ...readBuild("docker", inner.rest, undefined), client };
      return name === "image" ? withClient(readImages("docker", inner.name, inner.rest), client) : undefined;
    case "manifest":
      return withClient(readManifest("docker", inner.name, inner.rest), client);
    case "context":
      return withClient(readContext(inner.name, inner.rest), client);
    case "container":
      return inner.name === "run" ? withClient(readRun("docker", inner.rest), client) : undefined;
    default:
      return withClient(readImages("docker", name, rest), client);
  }
}

function readPodman(tool: "podman" | "buildah", values: readonly Value[]): DockerCommand | undefined {
  const outer = readArguments(values, buildah.CLIENT);
  const { name, rest } = subCommand(outer.positional);
  const inner = subCommand(rest);
  if (name === "build" || name === "bud" || name === "build-using-dockerfile") return { ...readBuild(tool, rest, undefined), client: NO_CLIENT };
  if ((name === "image" || name === "buildx") && inner.name === "build") return { ...readBuild(tool, inner.rest, undefined), client: NO_CLIENT };
  if (name === "manifest") return withClient(readManifest(tool, inner.name, inner.rest), NO_CLIENT);
  if (name === "image") return withClient(readImages(tool, inner.name, inner.rest), NO_CLIENT);
  return withClient(readImages(tool, name, rest), NO_CLIENT);
}

function readImages(tool: Tool, name: string, values: readonly Value[]): OtherCommand | undefined {
  const of = tool === "docker" ? docker : buildah;
  switch (name) {
    case "push": {
      const found = readArguments(values, of.PUSH);
      const [image, destination] = found.positional;
      return { kind: "push", tool, image, destination, platform: found.last("platform"), allTags: found.on("all-tags"), ...unsorted(found) };
    }
    case "pull": {
      const found = readArguments(values, of.PULL);
      return { kind: "pull", tool, image: found.positional[0], platform: found.last("platform"), allTags: found.on("all-tags"), ...unsorted(found) };
    }
    case "tag": {
      const found = readArguments(values, docker.TAG);
      const [source, ...targets] = found.positional;
      return { kind: "tag", tool, source, targets, ...unsorted(found) };
    }
    case "load": {
      const found = readArguments(values, of.LOAD);
      return { kind: "load", tool, input: found.last("input"), platforms: items(found.all("platform")), ...unsorted(found) };
    }
    case "save": {
      const found = readArguments(values, of.SAVE);
      return { kind: "save", tool, output: found.last("output"), images: found.positional, platforms: items(found.all("platform")), ...unsorted(found) };
    }
    case "login": {
      const found = readArguments(values, of.LOGIN);
      const passwordFrom = found.on("password-stdin") !== false ? "stdin" : found.given("password") || found.given("secret") ? "argument" : "prompt";
      return {
        kind: "login",
        tool,
        server: found.positional[0],
        username: found.last("username"),
        passwordFrom,
        password: found.last("password"),
        ...unsorted(found),
      };
    }
    case "run":
      return tool === "buildah" ? undefined : readRun(tool, values);
    default:
      return undefined;
  }
}

function readRun(tool: Tool, values: readonly Value[]): OtherCommand {
  const found = readArguments(values, docker.RUN);
  const [image, ...rest] = found.positional;
  return {
    kind: "run",
    tool,
    image,
    arguments: rest,
    platform: found.last("platform"),
    privileged: found.on("privileged"),
    detach: found.on("detach"),
    name: found.last("name"),
    network: found.last("network") ?? found.last("net"),
    ports: found.all("publish"),
    ...unsorted(found),
  };
}

function readManifest(tool: Tool, name: string, values: readonly Value[]): OtherCommand | undefined {
  const of = tool === "docker" ? docker : buildah;
  switch (name) {
    case "create": {
      const found = readArguments(values, of.MANIFEST_CREATE);
      const [list, ...images] = found.positional;
      return { kind: "manifest-create", tool, list, images, amend: found.on("amend"), ...unsorted(found) };
    }
    case "add": {
      const found = readArguments(values, buildah.MANIFEST_ADD);
      const [list, ...images] = found.positional;
      return { kind: "manifest-add", tool, list, images, arch: found.last("arch"), variant: found.last("variant"), os: found.last("os"), ...unsorted(found) };
    }
    case "annotate": {
      const found = readArguments(values, of.MANIFEST_ANNOTATE);
      const [list, image] = found.positional;
      return {
        kind: "manifest-annotate",
        tool,
        list,
        image,
        arch: found.last("arch"),
        variant: found.last("variant"),
        os: found.last("os"),
        ...unsorted(found),
      };
    }
    case "push": {
      const found = readArguments(values, of.MANIFEST_PUSH);
      const [list, destination] = found.positional;
      const removed = found.on("purge") === false ? found.on("rm") : found.on("purge");
      return { kind: "manifest-push", tool, list, destination, purge: removed, all: found.given("all") ? found.on("all") : true, ...unsorted(found) };
    }
    case "inspect": {
      const found = readArguments(values, of.MANIFEST_INSPECT);
      return { kind: "manifest-inspect", tool, image: found.positional.at(-1), ...unsorted(found) };
    }
    default:
      return undefined;
  }
}

function readContext(name: string, values: readonly Value[]): OtherCommand | undefined {
  if (name === "use") {
    const found = readArguments(values, {});
    return { kind: "context-use", name: found.positional[0], ...unsorted(found) };
  }
  if (name !== "create") return undefined;
  const found = readArguments(values, docker.CONTEXT_CREATE);
  return { kind: "context-create", name: found.positional[0], endpoint: found.last("docker"), from: found.last("from"), ...unsorted(found) };
}

function readBuildx(values: readonly Value[], client: ClientFlags): DockerCommand | undefined {
  const parent = readArguments(values, buildx.PARENT);
  const { name, rest } = subCommand(parent.positional);
  const builder = parent.last("builder");
  if (name === "build" || name === "b") return { ...readBuild("buildx", rest, builder), client };
  if (name === "imagetools") return withClient(readImagetools(subCommand(rest), builder), client);
  return withClient(readBuilder(name, rest, builder), client);
}

function readImagetools({ name, rest }: ReturnType<typeof subCommand>, builder: Value | undefined): OtherCommand | undefined {
  if (name === "inspect") {
    const found = readArguments(rest, buildx.IMAGETOOLS_INSPECT);
    return { kind: "imagetools-inspect", image: found.positional[0], raw: found.on("raw"), ...unsorted(found) };
  }
  if (name !== "create") return undefined;
  const found = readArguments(rest, buildx.IMAGETOOLS_CREATE);
  return {
    kind: "imagetools-create",
    tags: found.all("tag"),
    sources: found.positional,
    files: found.all("file"),
    platforms: items(found.all("platform")),
    append: found.on("append"),
    dryRun: found.on("dry-run"),
    builder: found.last("builder") ?? builder,
    ...unsorted(found),
  };
}

function readBuilder(name: string, values: readonly Value[], builder: Value | undefined): OtherCommand | undefined {
  switch (name) {
    case "create": {
      const found = readArguments(values, buildx.CREATE);
      return {
        kind: "builder-create",
        name: found.last("name"),
        endpoint: found.positional[0],
        driver: found.last("driver"),
        driverOptions: found.all("driver-opt"),
        platforms: items(found.all("platform")),
        use: found.on("use"),
        bootstrap: found.on("bootstrap"),
        append: found.on("append"),
        leave: found.on("leave"),
        node: found.last("node"),
        daemonFlags: found.last("buildkitd-flags"),
        config: found.last("buildkitd-config") ?? found.last("config"),
        ...unsorted(found),
      };
    }
    case "use": {
      const found = readArguments(values, buildx.USE);
      return {
        kind: "builder-use",
        name: found.positional[0] ?? found.last("builder") ?? builder,
        default: found.on("default"),
        global: found.on("global"),
        ...unsorted(found),
      };
    }
    case "rm": {
      const found = readArguments(values, buildx.REMOVE);
      const named = found.last("builder") ?? builder;
      const names = found.positional.length === 0 && named !== undefined ? [named] : found.positional;
      return { kind: "builder-remove", names, allInactive: found.on("all-inactive"), keepState: found.on("keep-state"), ...unsorted(found) };
    }
    case "inspect": {
      const found = readArguments(values, buildx.INSPECT);
      return { kind: "builder-inspect", name: found.positional[0] ?? found.last("builder") ?? builder, bootstrap: found.on("bootstrap"), ...unsorted(found) };
    }
    case "ls":
      return { kind: "builder-list", ...unsorted(readArguments(values, buildx.LIST)) };
    case "install":
      return { kind: "builder-install", ...unsorted(readArguments(values, buildx.USE)) };
    case "bake":
    case "f": {
      const found = readArguments(values, buildx.BAKE);
      return {
        kind: "bake",
        files: found.all("file"),
        targets: found.positional,
        set: found.all("set"),
        variables: found.all("var"),
        push: found.on("push"),
        load: found.on("load"),
        builder: found.last("builder") ?? builder,
        provenance: found.last("provenance"),
        sbom: found.last("sbom"),
        metadataFile: found.last("metadata-file"),
        onlyAsks: found.given("check") || found.given("call") || found.given("list") || found.on("print") !== false,
        ...unsorted(found),
      };
    }
    default:
      return undefined;
  }
}
