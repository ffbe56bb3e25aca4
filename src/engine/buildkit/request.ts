import type { Platform } from "../../core/platform.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { BuildOptions } from "../engine.ts";

/** What BuildKit is asked to build, in the words of `docker buildx build`, as the user gave them. */
export interface BuildkitRequest {
  /** Folder, git or http address, or `-`. */
  readonly context: string;
  readonly file?: string;
  /** What `-` means, for the context or the Dockerfile; can be opened once for each process that is started. */
  readonly stdin?: () => ByteStream;
  /** Empty: the builder's own. */
  readonly platforms: readonly Platform[];
  readonly target?: string;
  readonly buildArgs: readonly string[];
  readonly buildContexts: readonly string[];
  readonly labels: readonly string[];
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly allow: readonly string[];
  readonly addHosts: readonly string[];
  readonly shmSize?: string;
  readonly ulimits: readonly string[];
  readonly network?: string;
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
  readonly pull: boolean;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** As given; all absent and empty: none are made (Buildx would make a provenance by itself). */
  readonly provenance?: string;
  readonly sbom?: string;
  readonly attest: readonly string[];
  /** How the image is packed. */
  readonly packing: Pick<BuildOptions, "layers" | "ociMediaTypes" | "annotations">;
  /** Environment that Buildx itself reads (`SOURCE_DATE_EPOCH`). */
  readonly env: Readonly<Record<string, string>>;
}

/** A builder as a build meets it. */
export interface BuildkitBuilder {
  /** `--builder`; undefined: the one that Buildx takes by itself. */
  readonly name?: string;
  /** For people: `builder "team" (docker-container)`, `node tcp://10.0.0.2:1234`. */
  readonly shown: string;
  /** `docker`, `docker-container`, `remote`, `kubernetes`, … */
  readonly driver: string;
  /** Of Buildx: `0.29.1`; undefined when it does not tell. */
  readonly buildx: string | undefined;
  /** Over the user's environment. */
  readonly env: Readonly<Record<string, string>>;
}
