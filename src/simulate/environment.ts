import type { Fact } from "../findings/finding.ts";
import type { Text, Texts } from "./text.ts";

/**
 * What the machine of a job can do at one moment, as far as is known: a value, never changed; `effects/` make the next one of it.
 * Every part that a finding can hang on carries the fact that it is known by.
 */
export interface Environment {
  readonly runner: Runner;
  /** Undefined: nobody knows which is there. */
  readonly buildxVersion: string | undefined;
  /** Docker contexts by name. `default` is always there, even where there is no daemon. */
  readonly contexts: ReadonlyMap<string, DockerContext>;
  /** The current one; undefined when it is unknown. `DOCKER_HOST` wins over it: see `endpoint` of `builderOf`. */
  readonly context: string | undefined;
  /** Builders that were created, by name, in the order of their making. The `docker` driver's are not among them: each context has one by its own name. */
  readonly builders: ReadonlyMap<string, Builder>;
  /** What `docker buildx use` and `create --use` wrote: for which endpoint (a context's name, or `DOCKER_HOST`'s value) which builder. Buildx keeps only the last. */
  readonly selected: Selection | undefined;
  /** `docker buildx install`: `docker build` is `docker buildx build`. */
  readonly buildIsBuildx: boolean;
  readonly emulators: Emulators;
  /** Log-ins that were done, in order. */
  readonly logins: readonly Login[];
  /** Variables of the job's environment as a step sees them, without the step's own. */
  readonly variables: ReadonlyMap<string, Text>;
  /** What the image store of the current context was given, in order. */
  readonly images: readonly LocalImage[];
  /** Files that steps wrote into the workspace; `source` is the checkout. Empty until one did. */
  readonly files: readonly WrittenFile[];
  /** Containers that the job starts beside itself (`services`): a registry on localhost, for one. */
  readonly services: readonly Service[];
  /** Steps that may have changed builder, context or store in ways nobody can know: while one is here, nothing about the builder is certain. */
  readonly doubts: readonly Fact[];
}

export interface Runner {
  /** Labels as written, in order; empty when unknown. */
  readonly labels: readonly string[];
  readonly os: "linux" | "windows" | "macos" | undefined;
  /** As in platforms: `amd64`, `arm64`. */
  readonly architecture: string | undefined;
  /**
   * `hosted`: a row of our tables. `self-hosted`: it may have anything. `unknown`: an expression or a label nobody knows.
   * `inspected`: no job's, but one that was looked at: what is not told of it is not there.
   */
  readonly kind: "hosted" | "self-hosted" | "unknown" | "inspected";
  /** The image's name where it is hosted: `ubuntu-24.04` also for `ubuntu-latest`. */
  readonly image: string | undefined;
  /** What it has, with the source and date of the table. */
  readonly fact: Fact;
  /** The job runs in a container: only what that image has is there. */
  readonly container: Text | undefined;
}

export interface DockerContext {
  readonly name: string;
  /** `default`, or an address. */
  readonly endpoint: string;
  /** Undefined when no daemon is there, for sure. */
  readonly daemon: Daemon | undefined;
  readonly fact: Fact;
}

export interface Daemon {
  /** `28.0.4`; undefined when unknown. */
  readonly version: string | undefined;
  readonly store: ImageStore;
  /** How the store is known. */
  readonly storeFact: Fact;
  readonly rootless: boolean;
  /** Registry mirrors of the daemon's configuration. */
  readonly mirrors: readonly string[];
}

/** `unknown` where the version or a configuration is. */
export type ImageStore = "classic" | "containerd" | "unknown";

export type Driver = "docker" | "docker-container" | "kubernetes" | "remote" | "cloud" | "unknown";

export interface Builder {
  readonly name: string;
  readonly driver: Driver;
  /** Endpoint of its first node, as the selection's key names it. */
  readonly endpoint: string;
  /** For driver `docker`: the context whose daemon it is. */
  readonly context: string | undefined;
  readonly nodes: readonly BuilderNode[];
  /** `--driver-opt` values by name, of the first node. */
  readonly driverOptions: ReadonlyMap<string, string>;
  /** `driver-opts` that are not known. */
  readonly openOptions: boolean;
  /** The buildkitd configuration when it is given inline and known; undefined when none; null when given but unknown (a file). */
  readonly config: string | null | undefined;
  readonly keepState: boolean;
  /** What made it. */
  readonly fact: Fact;
  /** False when the step that made it may not have run, or nobody knows what it did. */
  readonly certain: boolean;
}

export interface BuilderNode {
  readonly endpoint: string;
  /** Platforms that were declared for it; empty when none were. */
  readonly platforms: Texts;
}

export interface Selection {
  readonly endpoint: string;
  /** Undefined: the endpoint's own `docker` driver builder was chosen (`docker buildx use default`). */
  readonly builder: string | undefined;
  readonly fact: Fact;
}

export interface Emulators {
  /** Architectures in the words of binfmt (`arm64`, `arm`, `riscv64`, `s390x`, `ppc64le`, `386`, …); `all` when every one was installed. */
  readonly architectures: ReadonlySet<string> | "all";
  /** True when the runner itself may have others (self-hosted, unknown). */
  readonly open: boolean;
  readonly fact: Fact | undefined;
  /** Those that were installed last are not found within containers: see `InstallEmulators`. */
  readonly fixed?: false;
}

export interface Login {
  /** As BuildKit compares it: `docker.io`, `ghcr.io`; a text with holes where it is not known. */
  readonly registry: Text;
  readonly username: Text | undefined;
  readonly fact: Fact;
  /** False when the secret it uses is withheld (a pull request from a fork) or the step may not have run. */
  readonly works: boolean | undefined;
}

export interface LocalImage {
  readonly name: Text;
  /** Normalized platforms; empty when unknown. */
  readonly platforms: readonly string[];
  readonly how: "built" | "loaded" | "pulled" | "tagged";
  readonly fact: Fact;
}

export interface Service {
  readonly image: Text;
  /** As written: `5000:5000`. */
  readonly ports: Texts;
  readonly fact: Fact;
}

export interface WrittenFile {
  /** Relative to the workspace. */
  readonly path: Text;
  readonly fact: Fact;
}
