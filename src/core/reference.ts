import { type Digest, isDigest } from "./digest.ts";
import { ProblemError } from "./problem.ts";

/** Name of an image in a registry. Build with {@link parseReference}; print with {@link formatReference}. */
export interface Reference {
  /** Host with optional port, as people write it: `docker.io`, `ghcr.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Path without the registry: `library/alpine`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const DOMAIN = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::[0-9]{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const LONGEST_NAME = 255;

export const isTag = (text: string): boolean => TAG.test(text);
export const isRepository = (text: string): boolean => text.length <= LONGEST_NAME && REPOSITORY.test(text);

/**
 * Reads `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]` with Docker's defaults: no registry means `docker.io`, and there a bare name
 * lies under `library/`. A missing tag stays missing; see {@link withDefaultTag}.
 * @throws {ProblemError} `reference-malformed`
 * @see https://github.com/distribution/reference/blob/main/reference.go (grammar)
 */
export function parseReference(text: string): Reference {
  const refuse = (why: string, hint?: string): ProblemError =>
    new ProblemError("reference-malformed", {
      message: `"${text.slice(0, 300)}" does not name an image: ${why}`,
      hint: hint ?? "wanted [REGISTRY/]REPOSITORY[:TAG][@DIGEST], such as ghcr.io/org/app:v1",
    });
  let rest = text;
  let digest: Digest | undefined;
  const at = rest.indexOf("@");
  if (at !== -1) {
    const given = rest.slice(at + 1);
    if (!isDigest(given)) throw refuse(`"${given.slice(0, 160)}" is not a digest`, 'a digest is "sha256:" and 64 lower-case hex digits');
    digest = given;
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(":");
  if (colon > rest.lastIndexOf("/")) {
    tag = rest.slice(colon + 1);
    if (!isTag(tag))
      throw refuse(`"${tag}" is not a tag`, "a tag has at most 128 letters, digits, dots, dashes and underscores, and does not start with a dot or a dash");
    rest = rest.slice(0, colon);
  }
  const slash = rest.indexOf("/");
  const head = slash === -1 ? "" : rest.slice(0, slash);
  const hasRegistry = slash !== -1 && (/[.:]/.test(head) || head === "localhost" || head.toLowerCase() !== head);
  let registry = hasRegistry ? head : "docker.io";
  let repository = hasRegistry ? rest.slice(slash + 1) : rest;
  if (hasRegistry && !DOMAIN.test(head)) throw refuse(`"${head}" is not a registry's host`);
  if (registry === "index.docker.io") registry = "docker.io";
  if (registry === "docker.io" && !repository.includes("/")) repository = `library/${repository}`;
  if (repository === "" || repository === "library/") throw refuse("the repository's name is missing");
  if (repository.toLowerCase() !== repository) {
    const host = /[.:]/.test(head) ? head : "";
    throw refuse("a repository's name is in lower case", `did you mean ${host}${rest.slice(host.length).toLowerCase()}${text.slice(rest.length)}?`);
  }
  if (!isRepository(repository)) throw refuse(`"${repository.slice(0, 160)}" is not a repository's name`);
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** Docker's default: a reference with neither tag nor digest means the tag `latest`. */
export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;

/** The full form, registry always told: `docker.io/library/alpine:3`. */
export function formatReference(r: Reference): string {
  return `${r.registry}/${r.repository}${r.tag === undefined ? "" : `:${r.tag}`}${r.digest === undefined ? "" : `@${r.digest}`}`;
}
