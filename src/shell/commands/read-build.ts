import { type Arguments, readArguments } from "../arguments.ts";
import { splitPieces, type Value } from "../values.ts";
import { BUILD as BUILDAH_BUILD } from "./buildah-flags.ts";
import { BUILD as BUILDX_BUILD } from "./buildx-flags.ts";
import type { BuildCommand, Tool } from "./command.ts";

/** Reads what stands behind `docker build`, `docker buildx build`, `podman build` or `buildah bud`. */
export function readBuild(tool: Tool, values: readonly Value[], builder: Value | undefined): BuildCommand {
  const found = readArguments(values, tool === "podman" || tool === "buildah" ? BUILDAH_BUILD : BUILDX_BUILD);
  return {
    kind: "build",
    tool,
    platforms: items(found.all("platform")),
    tags: found.all("tag"),
    push: found.on("push"),
    load: found.on("load"),
    builder: found.last("builder") ?? builder,
    outputs: found.all("output"),
    cacheTo: found.all("cache-to"),
    cacheFrom: found.all("cache-from"),
    file: found.last("file"),
    context: found.positional.findLast((value) => !found.opaque.includes(value)) ?? found.positional.at(-1),
    target: found.last("target"),
    buildArgs: found.all("build-arg"),
    buildContexts: found.all("build-context"),
    labels: found.all("label"),
    annotations: found.all("annotation"),
    attests: found.all("attest"),
    provenance: found.last("provenance"),
    sbom: found.last("sbom"),
    secrets: found.all("secret"),
    network: found.last("network") ?? found.last("net"),
    allow: found.all("allow"),
    metadataFile: found.last("metadata-file"),
    iidFile: found.last("iidfile"),
    noCache: found.on("no-cache"),
    manifest: found.last("manifest"),
    allPlatforms: found.on("all-platforms"),
    arch: found.last("arch"),
    os: found.last("os"),
    variant: found.last("variant"),
    onlyAsks: found.given("check") || found.given("call") || found.given("print"),
    ...unsorted(found),
  };
}

/** Values of a flag that takes several between commas, one by one. */
export function items(values: readonly Value[]): Value[] {
  return values.flatMap(({ pieces, word }) =>
    splitPieces(pieces, ",")
      .filter((item) => item.length > 0)
      .map((item) => ({ pieces: trimmed(item), word })),
  );
}

const trimmed = (pieces: Value["pieces"]): Value["pieces"] => pieces.map((piece) => (piece.kind === "text" ? { ...piece, text: piece.text.trim() } : piece));

export const unsorted = ({ unknown, opaque }: Arguments) => ({ unknownFlags: unknown, opaque });
