import type { Value } from "../values.ts";

/** What every command that was read carries: what could not be sorted. */
interface Unsorted {
  /** Flags that the tool does not have. */
  readonly unknownFlags: readonly Value[];
  /** Unquoted unknowns among the arguments: they could hold any flag. */
  readonly opaque: readonly Value[];
}

/** Which program is asked. "docker" is `docker build` without `buildx`, which uses Buildx's default builder or the selected one by version. */
export type Tool = "docker" | "buildx" | "podman" | "buildah";

export interface BuildCommand extends Unsorted {
  readonly kind: "build";
  readonly tool: Tool;
  /** One value a platform: `linux/amd64,linux/arm64` is two. */
  readonly platforms: readonly Value[];
  readonly tags: readonly Value[];
  /** Undefined when the switch's value is unknown; so with every switch below. */
  readonly push: boolean | undefined;
  readonly load: boolean | undefined;
  readonly builder: Value | undefined;
  /** Values of `--output`, unread. */
  readonly outputs: readonly Value[];
  readonly cacheTo: readonly Value[];
  readonly cacheFrom: readonly Value[];
  readonly file: Value | undefined;
  /** The build context; undefined when there is none in sight. */
  readonly context: Value | undefined;
  readonly target: Value | undefined;
  readonly buildArgs: readonly Value[];
  readonly buildContexts: readonly Value[];
  readonly labels: readonly Value[];
  readonly annotations: readonly Value[];
  readonly attests: readonly Value[];
  readonly provenance: Value | undefined;
  readonly sbom: Value | undefined;
  readonly secrets: readonly Value[];
  readonly network: Value | undefined;
  readonly allow: readonly Value[];
  readonly metadataFile: Value | undefined;
  readonly iidFile: Value | undefined;
  readonly noCache: boolean | undefined;
  /** podman and buildah: `--manifest LIST`. */
  readonly manifest: Value | undefined;
  /** podman and buildah: `--all-platforms`. */
  readonly allPlatforms: boolean | undefined;
  /** podman and buildah: `--arch`, `--os`, `--variant`. */
  readonly arch: Value | undefined;
  readonly os: Value | undefined;
  readonly variant: Value | undefined;
  /** Buildx: `--call`, `--check`, `--print`: nothing is built. */
  readonly onlyAsks: boolean;
}

export type OtherCommand = Unsorted &
  (
    | {
        readonly kind: "builder-create";
        readonly name: Value | undefined;
        /** A context or address; undefined for the current context. */
        readonly endpoint: Value | undefined;
        readonly driver: Value | undefined;
        readonly driverOptions: readonly Value[];
        readonly platforms: readonly Value[];
        readonly use: boolean | undefined;
        readonly bootstrap: boolean | undefined;
        readonly append: boolean | undefined;
        readonly leave: boolean | undefined;
        readonly node: Value | undefined;
        readonly daemonFlags: Value | undefined;
        readonly config: Value | undefined;
      }
    | { readonly kind: "builder-use"; readonly name: Value | undefined; readonly default: boolean | undefined; readonly global: boolean | undefined }
    | { readonly kind: "builder-remove"; readonly names: readonly Value[]; readonly allInactive: boolean | undefined; readonly keepState: boolean | undefined }
    | { readonly kind: "builder-inspect"; readonly name: Value | undefined; readonly bootstrap: boolean | undefined }
    | { readonly kind: "builder-list" }
    /** `docker buildx install`: `docker build` is `docker buildx build` from here on. */
    | { readonly kind: "builder-install" }
    | {
        readonly kind: "bake";
        readonly files: readonly Value[];
        readonly targets: readonly Value[];
        readonly set: readonly Value[];
        readonly variables: readonly Value[];
        readonly push: boolean | undefined;
        readonly load: boolean | undefined;
        readonly builder: Value | undefined;
        readonly provenance: Value | undefined;
        readonly sbom: Value | undefined;
        readonly metadataFile: Value | undefined;
        readonly onlyAsks: boolean;
      }
    | {
        readonly kind: "imagetools-create";
        readonly tags: readonly Value[];
        readonly sources: readonly Value[];
        readonly files: readonly Value[];
        readonly platforms: readonly Value[];
        readonly append: boolean | undefined;
        readonly dryRun: boolean | undefined;
        readonly builder: Value | undefined;
      }
    | { readonly kind: "imagetools-inspect"; readonly image: Value | undefined; readonly raw: boolean | undefined }
    | {
        readonly kind: "push";
        readonly tool: Tool;
        readonly image: Value | undefined;
        readonly destination: Value | undefined;
        readonly platform: Value | undefined;
        readonly allTags: boolean | undefined;
      }
    | {
        readonly kind: "pull";
        readonly tool: Tool;
        readonly image: Value | undefined;
        readonly platform: Value | undefined;
        readonly allTags: boolean | undefined;
      }
    | { readonly kind: "tag"; readonly tool: Tool; readonly source: Value | undefined; readonly targets: readonly Value[] }
    | { readonly kind: "load"; readonly tool: Tool; readonly input: Value | undefined; readonly platforms: readonly Value[] }
    | {
        readonly kind: "save";
        readonly tool: Tool;
        readonly output: Value | undefined;
        readonly images: readonly Value[];
        readonly platforms: readonly Value[];
      }
    | {
        readonly kind: "login";
        readonly tool: Tool;
        /** Undefined: Docker Hub. */
        readonly server: Value | undefined;
        readonly username: Value | undefined;
        readonly passwordFrom: "stdin" | "argument" | "prompt";
        /** Where it is an argument. */
        readonly password: Value | undefined;
      }
    | {
        readonly kind: "manifest-create";
        readonly tool: Tool;
        readonly list: Value | undefined;
        readonly images: readonly Value[];
        readonly amend: boolean | undefined;
      }
    | {
        readonly kind: "manifest-add";
        readonly tool: Tool;
        readonly list: Value | undefined;
        readonly images: readonly Value[];
        readonly arch: Value | undefined;
        readonly variant: Value | undefined;
        readonly os: Value | undefined;
      }
    | {
        readonly kind: "manifest-annotate";
        readonly tool: Tool;
        readonly list: Value | undefined;
        readonly image: Value | undefined;
        readonly arch: Value | undefined;
        readonly variant: Value | undefined;
        readonly os: Value | undefined;
      }
    | {
        readonly kind: "manifest-push";
        readonly tool: Tool;
        readonly list: Value | undefined;
        readonly destination: Value | undefined;
        readonly purge: boolean | undefined;
        readonly all: boolean | undefined;
      }
    | { readonly kind: "manifest-inspect"; readonly tool: Tool; readonly image: Value | undefined }
    | { readonly kind: "context-create"; readonly name: Value | undefined; readonly endpoint: Value | undefined; readonly from: Value | undefined }
    | { readonly kind: "context-use"; readonly name: Value | undefined }
    | {
        readonly kind: "run";
        readonly tool: Tool;
        readonly image: Value | undefined;
        readonly arguments: readonly Value[];
        readonly platform: Value | undefined;
        readonly privileged: boolean | undefined;
        readonly detach: boolean | undefined;
        readonly name: Value | undefined;
        readonly network: Value | undefined;
        readonly ports: readonly Value[];
      }
    | { readonly kind: "install-packages"; readonly packages: readonly Value[] }
    | {
        readonly kind: "make";
        readonly targets: readonly Value[];
        readonly variables: readonly { readonly name: string; readonly value: Value }[];
        readonly directory: Value | undefined;
        readonly file: Value | undefined;
        readonly dryRun: boolean | undefined;
      }
  );

/** Flags of the tool itself, before the sub-command. */
export interface ClientFlags {
  readonly context: Value | undefined;
  readonly host: Value | undefined;
}

/** A command that multi-platform images are made with, by kind. Every value has the word of the script that it comes from. */
export type DockerCommand = (BuildCommand | OtherCommand) & { readonly client: ClientFlags };
