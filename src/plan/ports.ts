import { formatPlatform, type Platform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import type { ImageConfig } from "../image/config.ts";
import type { Document, Index, Manifest } from "../image/manifest.ts";

/** What a FROM, a COPY --from or a named context asks for. */
export type ImageSource =
  | { readonly kind: "registry"; readonly reference: string }
  /** Folder of an OCI layout, with tag or digest. */
  | { readonly kind: "layout"; readonly folder: string; readonly tag?: string; readonly digest?: string };

export interface ResolvedImage {
  /** Full reference with the digest of the manifest: `docker.io/library/debian:12@sha256:…`, `oci-layout://FOLDER@sha256:…`. */
  readonly reference: string;
  readonly manifest: Document<Manifest>;
  readonly config: ImageConfig;
  /** The index it was taken from, when there was one. */
  readonly index?: Document<Index>;
}

/** Finds images; reads manifests and configs, never layers. Asked for the same thing twice it answers from memory. */
export interface ImageResolver {
  /**
   * An index gives the image that suits `platform` best. An image without an index is returned whatever its platform is: the caller looks at
   * `config` and refuses it with {@link platformMissing} where it does not fit.
   * @throws {ProblemError} `platform-missing` | `platform-conflict` | `reference-malformed` | `registry-*` | `layout-invalid` | `manifest-invalid`
   */
  resolve(source: ImageSource, platform: Platform): Promise<ResolvedImage>;
}

/** The problem of an image that is there, but not for the platform asked for; says which ones it has. */
export function platformMissing(reference: string, wanted: Platform, has: readonly Platform[]): ProblemError {
  const names = [...new Set(has.map(formatPlatform))];
  return new ProblemError("platform-missing", {
    message: `"${reference}" has no image for ${formatPlatform(wanted)}; it has ${names.length === 0 ? "none for any platform" : names.join(", ")}`,
    hint:
      names.length === 0
        ? "name another image"
        : `build for a platform that it has, name an image that has ${formatPlatform(wanted)}, or pin the stage with FROM --platform=${names[0]}`,
    facts: { reference, wanted: formatPlatform(wanted), has: names.join(",") },
  });
}
