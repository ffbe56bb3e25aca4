import type { Place } from "../core/span.ts";
import type { Driver, ImageStore } from "./environment.ts";
import type { Switch, Text, Texts } from "./text.ts";

/**
 * What a step asks of the machine: one word for what actions, shell commands and bake targets have in common. `effects/` tells what it makes of an
 * environment; `rehearse` will perform it for real.
 */
export type Operation =
  | Build
  | CreateBuilder
  | UseBuilder
  | RemoveBuilder
  | InstallBuildx
  | UseContext
  | CreateContext
  | StartDaemon
  | InstallEmulators
  | LogIn
  | PushImage
  | PullImage
  | TagImage
  | SaveImage
  | LoadImage
  | CreateIndex
  | PushIndex
  | AnnotateIndex
  | RunContainer
  | UploadArtifact
  | DownloadArtifact
  | CheckOut
  | WriteFile
  | SetVariable
  | SignImage
  | Deploy
  | Doubt;

export type OperationKind = Operation["kind"];

/** What prints the messages of a build, and by which rule its builder is found. */
export type Through =
  | "docker/build-push-action"
  | "docker/bake-action"
  | "docker buildx build"
  | "docker buildx bake"
  | "docker build"
  | "docker compose"
  | "goreleaser"
  | "podman"
  | "buildah"
  /** An action that builds by itself, in ways we have no model of. */
  | "other";

interface Asked {
  /** Where it is asked: the step's `uses`, the command in the script, the target of the bake file. */
  readonly place: Place;
  /** What step and command line set for it beside the job's environment (`DOCKER_BUILDKIT=0 docker build`); absent: nothing. */
  readonly variables?: ReadonlyMap<string, Text>;
}

/** One image build: of a bake file, one target. */
export interface Build extends Asked {
  readonly kind: "build";
  readonly through: Through;
  /** The bake target's or compose service's name. */
  readonly name: string | undefined;
  /** `--builder` or the input; undefined when not given. (`BUILDX_BUILDER` is looked up in the environment.) */
  readonly builder: Text | undefined;
  /** As written, one item a platform; not normalized. */
  readonly platforms: Texts;
  readonly tags: Texts;
  readonly push: Switch;
  readonly load: Switch;
  /** CSV values as written: `type=image,push=true`. */
  readonly outputs: Texts;
  readonly cacheTo: Texts;
  readonly cacheFrom: Texts;
  /** Undefined: not given. */
  readonly provenance: Text | undefined;
  readonly sbom: Text | undefined;
  readonly attests: Texts;
  readonly annotations: Texts;
  readonly labels: Texts;
  /** The Dockerfile as given; undefined: `Dockerfile` in the context. Relative to the workspace. */
  readonly file: Text | undefined;
  /** The Dockerfile's text where the bake file has it inline. */
  readonly inline: Text | undefined;
  /** Undefined for the action's default, the git context. */
  readonly context: Text | undefined;
  /** A git context of the action's own making: what steps wrote is not in it. */
  readonly gitContext: boolean;
  readonly stage: Text | undefined;
  /** `KEY=VALUE` or `KEY`. */
  readonly buildArgs: Texts;
  /** `NAME=VALUE`. */
  readonly buildContexts: Texts;
  readonly secrets: Texts;
  readonly network: Text | undefined;
  readonly allow: Texts;
  /** Only podman and buildah: `--manifest`. */
  readonly manifest: Text | undefined;
  /** `--call`, `--check`, `--print`: nothing is built. */
  readonly onlyAsks: boolean;
}

export interface CreateBuilder extends Asked {
  readonly kind: "create-builder";
  readonly name: Text | undefined;
  readonly driver: Driver;
  /** A context's name or an address; undefined: the current context. */
  readonly endpoint: Text | undefined;
  readonly driverOptions: Texts;
  readonly platforms: Texts;
  readonly use: boolean | undefined;
  readonly append: boolean;
  /** As `Builder.config`. */
  readonly config: string | null | undefined;
  readonly keepState: boolean;
  /** The version of Buildx that the step installs before; undefined: what is there. */
  readonly buildxVersion: Text | undefined;
}
export interface UseBuilder extends Asked {
  readonly kind: "use-builder";
  readonly name: Text | undefined;
}
export interface RemoveBuilder extends Asked {
  readonly kind: "remove-builder";
  readonly names: Texts;
}
/** `docker buildx install`. */
export interface InstallBuildx extends Asked {
  readonly kind: "install-buildx";
}
export interface UseContext extends Asked {
  readonly kind: "use-context";
  readonly name: Text | undefined;
}
export interface CreateContext extends Asked {
  readonly kind: "create-context";
  readonly name: Text | undefined;
  /** Undefined: a copy of the current one. */
  readonly endpoint: Text | undefined;
}
/** A daemon is started, or replaced, or restarted with another configuration. */
export interface StartDaemon extends Asked {
  readonly kind: "start-daemon";
  /** The context that is made for it and used; undefined: the daemon of the default context is another one now. */
  readonly context: string | undefined;
  /** Its address, where that is known: what `DOCKER_HOST` may name it by. */
  readonly endpoint?: Text | undefined;
  /** `28.0.4`, `29`, `latest`; undefined when unknown. */
  readonly version: string | undefined;
  /** `daemon.json` as text where known; undefined when none; null when unknown. */
  readonly config: string | null | undefined;
  /** What the store is when neither version nor configuration tells. */
  readonly store: ImageStore | undefined;
  readonly rootless: boolean;
}
export interface InstallEmulators extends Asked {
  readonly kind: "install-emulators";
  /** binfmt's words; `all` when no list is given; undefined when the list is unknown. */
  readonly architectures: readonly string[] | "all" | undefined;
  /** The emulators' image or package, as written. */
  readonly image: Text | undefined;
  /** False: the kernel looks for the emulator by its path each time (no flag F), which is not there within a container. Absent: it is held open. */
  readonly fixed?: false;
}
export interface LogIn extends Asked {
  readonly kind: "log-in";
  /** Undefined: Docker Hub. */
  readonly registry: Text | undefined;
  readonly username: Text | undefined;
  readonly password: Text | undefined;
  readonly tool: "docker" | "podman" | "buildah" | "skopeo" | "crane" | "other";
}
export interface PushImage extends Asked {
  readonly kind: "push-image";
  readonly tool: "docker" | "podman" | "buildah";
  readonly image: Text | undefined;
  readonly platform: Text | undefined;
}
export interface PullImage extends Asked {
  readonly kind: "pull-image";
  readonly tool: "docker" | "podman" | "buildah";
  readonly image: Text | undefined;
  readonly platform: Text | undefined;
}
export interface TagImage extends Asked {
  readonly kind: "tag-image";
  readonly tool: "docker" | "podman" | "buildah";
  readonly source: Text | undefined;
  readonly targets: Texts;
}
export interface SaveImage extends Asked {
  readonly kind: "save-image";
  readonly images: Texts;
  readonly platforms: Texts;
}
export interface LoadImage extends Asked {
  readonly kind: "load-image";
  readonly platforms: Texts;
}
/** `docker buildx imagetools create`, `docker manifest create`, `regctl index create`, … */
export interface CreateIndex extends Asked {
  readonly kind: "create-index";
  readonly tool: "imagetools" | "docker manifest" | "podman" | "buildah" | "other";
  readonly names: Texts;
  /** Open where they come from files or a shell glob. */
  readonly sources: Texts;
  readonly amend: boolean | undefined;
  readonly builder: Text | undefined;
  /** It is pushed by this very operation (imagetools), not only written down. */
  readonly pushes: boolean;
}
export interface PushIndex extends Asked {
  readonly kind: "push-index";
  readonly tool: "docker manifest" | "podman" | "buildah" | "other";
  readonly name: Text | undefined;
  readonly all: boolean | undefined;
}
export interface AnnotateIndex extends Asked {
  readonly kind: "annotate-index";
  readonly name: Text | undefined;
  readonly image: Text | undefined;
  readonly architecture: Text | undefined;
}
export interface RunContainer extends Asked {
  readonly kind: "run-container";
  readonly image: Text | undefined;
  readonly platform: Text | undefined;
  /** Ports that it publishes, as written. */
  readonly ports: Texts;
  readonly arguments: Texts;
}
export interface UploadArtifact extends Asked {
  readonly kind: "upload-artifact";
  readonly name: Text | undefined;
  readonly overwrite: boolean | undefined;
}
export interface DownloadArtifact extends Asked {
  readonly kind: "download-artifact";
  readonly name: Text | undefined;
  readonly pattern: Text | undefined;
}
export interface CheckOut extends Asked {
  readonly kind: "check-out";
  readonly ref: Text | undefined;
  readonly path: Text | undefined;
}
export interface WriteFile extends Asked {
  readonly kind: "write-file";
  readonly path: Text;
}
/** `$GITHUB_ENV`, or what an action exports. */
export interface SetVariable extends Asked {
  readonly kind: "set-variable";
  readonly name: string;
  readonly value: Text;
}
export interface SignImage extends Asked {
  readonly kind: "sign-image";
  readonly tool: "cosign" | "attest-build-provenance" | "other";
  readonly images: Texts;
  readonly recursive: boolean | undefined;
}
export interface Deploy extends Asked {
  readonly kind: "deploy";
  readonly to: "lambda" | "cloud-run" | "other";
  readonly image: Text | undefined;
}
/** Something that may change builder, context, store or log-ins in ways that cannot be known. */
export interface Doubt extends Asked {
  readonly kind: "doubt";
  /** For a fact: `nobody knows what owner/action does to builders`. */
  readonly sentence: string;
  /** What it may have brought; `anything` for an action nobody knows. */
  readonly about: readonly ("builder" | "emulators" | "login" | "image")[] | "anything";
}
