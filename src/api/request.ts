import type { EventSink } from "../engine/event.ts";
import type { RunRequest } from "./run-settings.ts";
import type { SessionOptions } from "./session.ts";

export type { BuildEvent, EventSink } from "../engine/event.ts";
export type { RunRequest } from "./run-settings.ts";

/** What to plan, in the words of `docker buildx build`; all may be left out. */
export interface PlanOptions extends SessionOptions {
  /** Folder, git or http address, or `-` for standard input. Default `.`. */
  readonly context?: string | undefined;
  /** Dockerfile; `-` for standard input. Default `CONTEXT/Dockerfile`. */
  readonly file?: string | undefined;
  /** Lists of platforms, each separated by commas. Default: this machine's. */
  readonly platforms?: readonly string[] | undefined;
  /** Stage to build. Default: the last. */
  readonly target?: string | undefined;
  /** `KEY=VALUE`, or `KEY` for the environment's value. */
  readonly buildArgs?: readonly string[] | undefined;
  /** `NAME=VALUE`: folder, `docker-image://`, `oci-layout://`, git or http address. */
  readonly buildContexts?: readonly string[] | undefined;
  /** `KEY=VALUE`. */
  readonly labels?: readonly string[] | undefined;
  /** Makes every step anew. */
  readonly noCache?: boolean | undefined;
  /** Stages whose steps are made anew. */
  readonly noCacheFilter?: readonly string[] | undefined;
  /** Asks registries for bases though the builder has them; the embedded engine always does. */
  readonly pull?: boolean | undefined;
}

/** `auto`: what can do the plan; see `docs/engines.md`. */
export type EngineName = "auto" | "embedded" | "buildkit";

/** Who is to build. */
export interface EngineRequest {
  /** What builds. Default `auto`: what can do the plan; a real BuildKit where it runs the plan's programs natively. */
  readonly engine?: EngineName | undefined;
  /** Name of a Buildx builder; without `engine` this means `buildkit`. */
  readonly builder?: string | undefined;
  /** `PLATFORM[,PLATFORM…]=tcp://…|ssh://…|kubernetes://…|unix://…`: BuildKit on that node builds those platforms. */
  readonly nodes?: readonly string[] | undefined;
}

/** What to build, with what, and where the result goes. */
export interface BuildRequest extends PlanOptions, EngineRequest, RunRequest {
  /** Names of the image. */
  readonly tags?: readonly string[] | undefined;
  /** `type=…[,ATTRIBUTE=VALUE]`. Default: `type=image`, kept in the store. */
  readonly outputs?: readonly string[] | undefined;
  readonly push?: boolean | undefined;
  /** Into the Docker daemon. */
  readonly load?: boolean | undefined;
  /** `[TYPE[PLATFORM]:]KEY=VALUE`. */
  readonly annotations?: readonly string[] | undefined;
  /** Attestations are made when they are asked for, and by BuildKit alone. */
  readonly provenance?: string | undefined;
  readonly sbom?: string | undefined;
  readonly attest?: readonly string[] | undefined;
  /** `type=local|registry,…`, or the name of an image. */
  readonly cacheFrom?: readonly string[] | undefined;
  /** `type=local|registry|inline,…`. */
  readonly cacheTo?: readonly string[] | undefined;
  /** QEMU for other platforms' programs: a folder, an image by digest, `debian`, or a `.deb` file. */
  readonly emulators?: readonly string[] | undefined;
  /** With `push`: BuildKit pushes to the registry itself, by digest, and nothing of the image passes through this machine. */
  readonly directPush?: boolean | undefined;
  /** Proves what was built before it goes anywhere; what is wrong for certain fails the build. Default: where it is pushed, and passes through this machine. */
  readonly verify?: boolean | undefined;
  readonly metadataFile?: string | undefined;
  readonly iidfile?: string | undefined;
  readonly events?: EventSink | undefined;
}

/** What a build gave. */
export interface BuildOutcome {
  /** What built it, and why that. */
  readonly engine: ChosenEngine;
  /** Digest of the index, or of the manifest when one platform was built. */
  readonly digest: string;
  readonly mediaType: string;
  readonly images: readonly BuiltPlatform[];
  /** What Docker calls the image ID: digest of the config when one platform was built, else of the index. */
  readonly imageId: string;
  /** Where it went, in the order given. `dest` is a path, or `-` for stdout; absent for a registry, the store and the Docker daemon. */
  readonly outputs: readonly { readonly type: string; readonly dest?: string }[];
  /** Full names under which it was pushed or kept. */
  readonly names: readonly string[];
  /** What `--metadata-file` holds. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the proof found; absent when none was made. */
  readonly verified?: Verified;
}

/** A proof that failed nothing: what is only possible, and what is no error. */
export interface Verified {
  readonly errors: number;
  readonly warnings: number;
}

/** The engine that was taken. */
export interface ChosenEngine {
  readonly name: "embedded" | "buildkit";
  /** The Buildx builder; absent for the embedded engine. */
  readonly builder?: { readonly name: string; readonly driver: string };
  readonly why: string;
}

/** One platform's image. */
export interface BuiltPlatform {
  readonly platform: string;
  /** Of the manifest. */
  readonly digest: string;
  /** Bytes of all layers, as packed. */
  readonly size: number;
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}
