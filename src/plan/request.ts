import type { Platform } from "../core/platform.ts";
import type { Dockerfile } from "../dockerfile/ast.ts";
import type { ImageResolver, ImageSource } from "./ports.ts";

/** What to build, as the command line or a workflow says it. */
export interface PlanRequest {
  readonly dockerfile: Dockerfile;
  /** Wanted platforms, without doubles. Empty: one image for the platform of the base, which is looked for under `buildPlatform`. */
  readonly platforms: readonly Platform[];
  /** Platform of the machine that builds: BUILDPLATFORM. */
  readonly buildPlatform: Platform;
  /** --build-arg; a name without value that the environment does not have is left out by the caller. */
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Stage to build, by name; absent: the last. */
  readonly target?: string;
  /** --label, put over the labels of the Dockerfile. */
  readonly labels: ReadonlyMap<string, string>;
  /** --build-context by name as given: stands for the stage of that name, else for the image. `NAME::os/arch` serves that platform only. */
  readonly namedContexts: ReadonlyMap<string, NamedContext>;
  /** --no-cache. */
  readonly noCache?: boolean;
  /** --no-cache-filter: names of stages. */
  readonly noCacheFilter?: readonly string[];
  /** SOURCE_DATE_EPOCH of the environment; a build argument of that name goes before it. */
  readonly environmentEpoch?: string;
}

export type NamedContext =
  /** Files that the engine gets under the context's name: a folder, archive or git address. */
  | { readonly kind: "files" }
  | ImageSource
  /** `docker-image://scratch`. */
  | { readonly kind: "scratch" };

export interface PlanPorts {
  readonly images: ImageResolver;
}
