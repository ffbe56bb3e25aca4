import type { Platform } from "../core/platform.ts";
import type { ImageConfig } from "../image/config.ts";
import type { Document, Index, Manifest } from "../image/manifest.ts";

/** What a FROM, a COPY --from or a named context asks for. */
export type ImageSource =
  | { readonly kind: "registry"; readonly reference: string }
  /** Folder of an OCI layout, with tag or digest. */
  | { readonly kind: "layout"; readonly folder: string; readonly tag?: string; readonly digest?: string };

export interface ResolvedImage {
  /** Full reference with digest, for people and for the plan's ids. */
  readonly reference: string;
  readonly manifest: Document<Manifest>;
  readonly config: ImageConfig;
  /** The index it was taken from, when there was one. */
  readonly index?: Document<Index>;
}

/** Finds images; reads manifests and configs, never layers. Asked for the same thing twice it answers from memory. */
export interface ImageResolver {
  /**
   * @throws {ProblemError} `platform-missing` (message says which platforms the image has) | `registry-*` | `layout-invalid` | `manifest-invalid`
   */
  resolve(source: ImageSource, platform: Platform): Promise<ResolvedImage>;
}
