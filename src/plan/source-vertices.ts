import type { Digest } from "../core/digest.ts";
import { type GitAddress, withoutSecrets } from "../core/git-address.ts";
import { formatPlatform, type Platform } from "../core/platform.ts";
import type { Place } from "../core/span.ts";
import type { VertexId } from "./graph.ts";
import type { ResolvedImage } from "./ports.ts";
import type { StepLabel, VertexTable } from "./vertices.ts";

/** An image's files. What they are is told by the manifest, wherever it came from. */
export function imageVertex(vertices: VertexTable, image: ResolvedImage, platform: Platform, place: Place | undefined, label: StepLabel): VertexId {
  const { reference, manifest, config } = image;
  return vertices.add(
    { image: manifest.descriptor.digest },
    { kind: "image", reference, platform, manifest, config, ...(place === undefined ? {} : { place }) },
    label,
  );
}

/** The main context, or a named one that is files. */
export function contextVertex(vertices: VertexTable, contextName?: string): VertexId {
  const text = contextName === undefined ? "[internal] load build context" : `[context ${contextName}] load from client`;
  return vertices.add({ context: contextName ?? "" }, { kind: "context", ...(contextName === undefined ? {} : { contextName }) }, { platform: "", text });
}

/** One file from an http(s) address. */
export function httpVertex(vertices: VertexTable, url: string, checksum: Digest | undefined, place: Place, platform: string): VertexId {
  const operation = { url, ...(checksum === undefined ? {} : { checksum }) };
  return vertices.add({ http: operation }, { kind: "http", ...operation, place }, { platform, text: withoutSecrets(url) });
}

/** A checkout. */
export function gitVertex(vertices: VertexTable, address: GitAddress, place: Place, platform: string): VertexId {
  const operation = { ...address, keepGitDir: address.keepGitDir ?? false };
  const { remote, ref, subdirectory } = address;
  const part = ref === undefined && subdirectory === undefined ? "" : `#${ref ?? ""}${subdirectory === undefined ? "" : `:${subdirectory}`}`;
  return vertices.add({ git: operation }, { kind: "git", ...operation, place }, { platform, text: withoutSecrets(remote) + part });
}

/** Platform part of a step's label: the stage's platform, and behind an arrow the one it builds for where that differs. */
export function platformLabel(stage: Platform, variable: (name: string) => string | undefined): string {
  const targetOs = variable("TARGETOS") ?? stage.os;
  const targetArchitecture = variable("TARGETARCH") ?? stage.architecture;
  const variant = variable("TARGETVARIANT");
  const own = formatPlatform(stage);
  const platform = variable("TARGETPLATFORM") ?? formatPlatform({ os: targetOs, architecture: targetArchitecture, ...(variant ? { variant } : {}) });
  const [os, architecture] = platform.split("/") as [string, string?];
  if (os === stage.os) return architecture === stage.architecture ? own : `${own}->${platform.slice(os.length + 1)}`;
  return `${own}->${platform}`;
}
