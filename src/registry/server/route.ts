import { type Digest, isDigest } from "../../core/digest.ts";
import { isRepository } from "../../core/reference.ts";
import { RegistryError } from "./error.ts";

/** What a path names. */
export type Route =
  | { readonly kind: "root" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly repository: string }
  /** A tag (not checked) or a digest as written. */
  | { readonly kind: "manifest"; readonly repository: string; readonly reference: string }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: Digest }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly digest: Digest };

type Shaped = Exclude<Route["kind"], "root" | "catalog">;

/** Longest path that can name anything: a repository, a word and a sha512 digest, percent-encoded. */
const LONGEST_PATH = 4096;

// A repository may itself be called "blobs" or "manifests", so that a path is read from its end.
const SHAPES: readonly (readonly [kind: Shaped, shape: RegExp])[] = [
  ["uploads", /^(.+)\/blobs\/uploads\/?$/],
  ["upload", /^(.+)\/blobs\/uploads\/([^/]+)$/],
  ["blob", /^(.+)\/blobs\/([^/]+)$/],
  ["manifest", /^(.+)\/manifests\/([^/]+)$/],
  ["tags", /^(.+)\/tags\/list$/],
  ["referrers", /^(.+)\/referrers\/([^/]+)$/],
];

/**
 * Reads a request's path; undefined when it is none of the registry's.
 * @throws {RegistryError} NAME_INVALID | DIGEST_INVALID
 */
export function routeOf(path: string): Route | undefined {
  const decoded = decode(path);
  if (decoded === "/v2" || decoded === "/v2/") return { kind: "root" };
  if (decoded === undefined || !decoded.startsWith("/v2/")) return undefined;
  const rest = decoded.slice("/v2/".length);
  if (rest === "_catalog") return { kind: "catalog" };
  for (const [kind, shape] of SHAPES) {
    const match = shape.exec(rest);
    if (match === null) continue;
    const repository = match[1] as string;
    if (!isRepository(repository)) throw new RegistryError("NAME_INVALID", { detail: { name: repository.slice(0, 300) } });
    return route(kind, repository, match[2] ?? "");
  }
  return undefined;
}

function route(kind: Shaped, repository: string, last: string): Route {
  switch (kind) {
    case "manifest":
      return { kind, repository, reference: last };
    case "upload":
      return { kind, repository, id: last };
    case "blob":
    case "referrers":
      return { kind, repository, digest: digestParam(last) };
    case "uploads":
    case "tags":
      return { kind, repository };
  }
}

/** @throws {RegistryError} DIGEST_INVALID */
export function digestParam(text: string): Digest {
  if (isDigest(text)) return text;
  throw new RegistryError("DIGEST_INVALID", { message: "wanted sha256: or sha512: and lower-case hex digits", detail: { digest: text.slice(0, 160) } });
}

function decode(path: string): string | undefined {
  if (path.length > LONGEST_PATH) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
