import { isDigest } from "../../../core/digest.ts";
import { type GitAddress, parseGitAddress, redactAddress } from "../../../core/git-address.ts";
import { ProblemError } from "../../../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../../../core/reference.ts";
import type { ImageSource } from "../../../plan/ports.ts";

/** What CONTEXT, or the VALUE of `--build-context NAME=VALUE`, asks for. */
export type ContextSource =
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "stdin" }
  | { readonly kind: "image"; readonly source: ImageSource | { readonly kind: "scratch" } }
  | { readonly kind: "git"; readonly request: GitAddress; readonly address: string }
  /** An archive, or a Dockerfile, at an http(s) address. */
  | { readonly kind: "http"; readonly url: string };

/**
 * Tells what a context is by its form alone; nothing is looked at.
 * @throws {ProblemError} `usage` | `reference-malformed` | `git-failed`
 * @see docker/buildx build/opt.go (loadInputs), build/url.go at 461836b (2026-08-20)
 */
export function parseContextSource(text: string): ContextSource {
  if (text === "") throw new ProblemError("usage", { message: "the build context is empty", hint: "name a folder, such as ." });
  if (text === "-") return { kind: "stdin" };
  if (text.startsWith("docker-image://")) return imageSource(text.slice("docker-image://".length));
  if (text.startsWith("oci-layout://")) return layoutSource(text, text.slice("oci-layout://".length));
  if (text.startsWith("target:"))
    throw new ProblemError("usage", {
      message: `"${text}" names another target, which only a bake file has`,
      hint: "name a folder, docker-image://, oci-layout:// or a git address",
    });
  const request = parseGitAddress(text, { shorthand: true, code: "git-failed" });
  if (request !== undefined) return { kind: "git", request, address: redactAddress(text) };
  if (/^https?:\/\//i.test(text)) return { kind: "http", url: text };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme !== undefined)
    throw new ProblemError("usage", {
      message: `a context cannot come by "${scheme}://"`,
      hint: "name a folder, an http(s) or git address, docker-image:// or oci-layout://",
    });
  return { kind: "folder", folder: text };
}

/**
 * Reads `NAME=VALUE`.
 * @throws {ProblemError} `usage` | as {@link parseContextSource}
 */
export function parseBuildContext(text: string): { readonly name: string; readonly source: ContextSource } {
  const equals = text.indexOf("=");
  const name = text.slice(0, equals);
  if (equals < 1)
    throw new ProblemError("usage", {
      message: `--build-context "${redactAddress(text)}" is not NAME=VALUE`,
      hint: "such as --build-context base=docker-image://alpine:3",
    });
  const source = parseContextSource(text.slice(equals + 1));
  if (source.kind === "stdin") throw new ProblemError("usage", { message: `--build-context "${text}" cannot come from stdin`, hint: "name a folder" });
  return { name, source };
}

function imageSource(text: string): ContextSource {
  if (text === "scratch") return { kind: "image", source: { kind: "scratch" } };
  return { kind: "image", source: { kind: "registry", reference: formatReference(withDefaultTag(parseReference(text))) } };
}

/** `FOLDER[:TAG][@DIGEST]`; a colon inside the last part of the path begins a tag. */
function layoutSource(whole: string, text: string): ContextSource {
  const at = text.lastIndexOf("@");
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest))
    throw new ProblemError("usage", { message: `"${whole}" ends in "${digest}", which is no digest`, hint: "wanted @sha256:… or :TAG" });
  const rest = at === -1 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const tagged = colon > rest.lastIndexOf("/");
  const folder = tagged ? rest.slice(0, colon) : rest;
  if (folder === "") throw new ProblemError("usage", { message: `"${whole}" names no folder`, hint: "wanted oci-layout://FOLDER[:TAG][@DIGEST]" });
  return {
    kind: "image",
    source: { kind: "layout", folder, ...(tagged ? { tag: rest.slice(colon + 1) } : {}), ...(digest === undefined ? {} : { digest }) },
  };
}
