import type { Driver } from "../simulate/environment.ts";

/** A fact about this machine with what told it; or why nobody knows it, which is a fact too. */
export type Known<T> = { readonly known: true; readonly value: T; readonly source: string } | Unknown;

/** Why nobody knows a fact. */
export interface Unknown {
  readonly known: false;
  /**
   * `absent`: it is not there (no program, no plugin, no socket). `refused`: we may not ask. `silent`: no answer within the time limit.
   * `broken`: the answer was a failure, or made no sense. `unasked`: what it would take to ask is itself unknown.
   */
  readonly state: "absent" | "refused" | "silent" | "broken" | "unasked";
  /** One sentence, lower-case, no full stop. */
  readonly why: string;
  /** An act that helps. */
  readonly help: string;
  /** What was asked: `docker version`, `/etc/docker/daemon.json`. */
  readonly source: string;
}

/** What this machine has for building images, read at one moment. */
export interface HostFacts {
  readonly cli: Known<CliFact>;
  readonly buildx: Known<BuildxFact>;
  /** All contexts of the Docker CLI. */
  readonly contexts: Known<readonly ContextFact[]>;
  /** The endpoint that `docker` talks to. */
  readonly endpoint: Known<EndpointFact>;
  /** The daemon behind that endpoint. */
  readonly daemon: Known<DaemonFact>;
  /** Builders that Buildx knows for that endpoint, those of the `docker` driver (one a context) among them. */
  readonly builders: Known<readonly BuilderFact[]>;
  /** The builder that `docker buildx build` takes when none is named. */
  readonly selected: Known<SelectedFact>;
  readonly kernel: Known<KernelFact>;
  /** What the kernel's binfmt_misc has registered. */
  readonly emulators: Known<readonly EmulatorFact[]>;
  /** Registries that were asked about, and whether they answer. */
  readonly registries: readonly RegistryFact[];
}

export interface CliFact {
  /** `28.5.2`. */
  readonly version: string;
}

export interface BuildxFact {
  /** `0.29.1`, without suffixes. */
  readonly version: string;
}

export interface ContextFact {
  readonly name: string;
  /** `unix:///var/run/docker.sock`, `ssh://user@host`, `tcp://…`. */
  readonly endpoint: string;
  readonly current: boolean;
}

export interface EndpointFact {
  /** The context's name; undefined when `DOCKER_HOST` names an address. */
  readonly context: string | undefined;
  readonly address: string;
  readonly chosenBy: "DOCKER_HOST" | "DOCKER_CONTEXT" | "config" | "default";
}

/** The daemon behind an endpoint, as it tells of itself. */
export interface DaemonFact {
  /** `28.5.2`. */
  readonly version: string;
  /** As in platforms: `linux`, `amd64`. */
  readonly os: string;
  readonly architecture: string;
  readonly store: "classic" | "containerd";
  /** `overlay2`, or the snapshotter's name. */
  readonly storageDriver: string;
  readonly rootless: boolean;
  /** Docker Desktop, OrbStack, Rancher Desktop, Colima …: a virtual machine whose settings are not a file of this machine. Undefined: Docker Engine. */
  readonly product: string | undefined;
  readonly mirrors: readonly string[];
  /** Hosts and networks (`127.0.0.0/8`). */
  readonly insecureRegistries: readonly string[];
  readonly containersRunning: number;
  readonly liveRestore: boolean;
  readonly images: number;
  /** The configuration file that it was started with, or would read; unknown for a daemon on another machine. */
  readonly configFile: Known<string>;
  /** Its process here; undefined where that is not known. */
  readonly pid: number | undefined;
}

/** A builder of Buildx. */
export interface BuilderFact {
  readonly name: string;
  readonly driver: Driver;
  readonly nodes: readonly BuilderNodeFact[];
  /** Why nothing more is known of it; undefined when it answered. */
  readonly problem: string | undefined;
}

/** One BuildKit of a builder. */
export interface BuilderNodeFact {
  readonly name: string;
  readonly endpoint: string;
  readonly status: "running" | "stopped" | "inactive" | "unreachable" | "unknown";
  /** `0.34.2`; undefined when it does not run or does not tell. */
  readonly buildkit: string | undefined;
  /** Platforms that it builds for, natively or emulated, as it says. Empty when it does not run. */
  readonly platforms: readonly string[];
  /** Given by the user with `--platform`: it is taken for these. */
  readonly declared: readonly string[];
  /** Those that it runs without emulator: of its own machine, and the declared ones. */
  readonly native: readonly string[];
  readonly driverOptions: ReadonlyMap<string, string>;
  /** Of the `docker` driver: whether its worker has containerd's image store, which Buildx looks at. Undefined: not known. */
  readonly containerdStore: boolean | undefined;
  /** What it said when it failed to answer. */
  readonly problem: string | undefined;
}

export interface SelectedFact {
  readonly builder: string;
  readonly chosenBy: "BUILDX_BUILDER" | "selection" | "context";
}

export interface KernelFact {
  /** `6.18.5`. */
  readonly release: string;
  /** As in platforms. */
  readonly architecture: string;
  /** Whether this user may make user namespaces; undefined where nothing says. */
  readonly userNamespaces: boolean | undefined;
}

export interface EmulatorFact {
  /** As in platforms: `arm64`, `arm`, `riscv64`. */
  readonly architecture: string;
  readonly interpreter: string;
  /** `PF`: F means that it is held open, and found within containers. */
  readonly flags: string;
  readonly enabled: boolean;
}

export interface RegistryFact {
  /** `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  readonly reachable: Known<{ readonly scheme: "http" | "https"; readonly wantsLogin: boolean }>;
}
