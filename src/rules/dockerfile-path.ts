import { posix } from "node:path";
import type { Build } from "../simulate/operation.ts";
import { type Text, textOf } from "../simulate/text.ts";
import { eventsOf } from "../simulate/trace.ts";
import type { BuildEvent } from "./rule.ts";

/** Where a build's Dockerfile may be, the likeliest first: paths in the repository. Empty where it cannot be known. */
export function dockerfilePaths({ build, event, trace }: BuildEvent): readonly string[] {
  const paths = namedPaths(build).flatMap((path) => inRepository(path) ?? []);
  // What a step wrote or fetched before is not what the repository has.
  if (event.before.files.some((file) => paths.includes(inRepository(textOf(file.path) ?? "") ?? ""))) return [];
  const checkouts = eventsOf(trace, "check-out").flatMap(({ operation }) => inRepository(textOf(operation.path) ?? "") ?? []);
  const below = checkouts.flatMap((folder) => paths.flatMap((path) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : [])));
  return [...paths, ...below];
}

function namedPaths(build: Build): readonly string[] {
  const context = contextFolder(build.context);
  if (build.file !== undefined) {
    const file = textOf(build.file);
    if (file === undefined || file === "-" || /^\w+:\/\//.test(file)) return [];
    // Of a git context, only what is in it can be named.
    return [build.gitContext && context !== undefined ? posix.join(context, file) : file];
  }
  if (context === undefined) return [];
  const names = build.through === "podman" || build.through === "buildah" ? ["Containerfile", "Dockerfile"] : ["Dockerfile"];
  return names.map((name) => posix.join(context, name));
}

const DEFAULT_CONTEXT = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/;

/** A context's folder; undefined where it is no folder of the repository, or unknown. */
function contextFolder(context: Text | undefined): string | undefined {
  if (context === undefined) return "";
  const text = textOf(context);
  if (text === undefined) return undefined;
  const default_ = DEFAULT_CONTEXT.exec(text);
  if (default_ !== null) return default_[1] ?? "";
  return text === "-" || /^(?:\w+:\/\/|git@|github\.com\/)/.test(text) ? undefined : text;
}

/** As the repository's files are named; undefined for what lies elsewhere. */
function inRepository(path: string): string | undefined {
  if (path === "" || posix.isAbsolute(path)) return undefined;
  const plain = posix.normalize(path).replace(/\/$/, "");
  return plain === "." || plain === ".." || plain.startsWith("../") ? undefined : plain;
}
