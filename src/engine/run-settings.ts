/** What the command line gives to RUN steps. */
export interface RunSettings {
  /** --secret, by id; read when a step wants it. @throws {ProblemError} `secret-missing` when it cannot be read */
  readonly secrets: ReadonlyMap<string, () => Promise<Uint8Array>>;
  /** --ssh, by id (`default`): path of a socket that speaks the agent protocol, opened when a step wants it. @throws {ProblemError} `secret-missing` */
  readonly agents: ReadonlyMap<string, () => Promise<string>>;
  /** --add-host. */
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** --shm-size, bytes; absent: 64 MiB. */
  readonly shmBytes?: number;
  /** --ulimit; -1 for none. */
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  /** --allow: `network.host`, `security.insecure`. */
  readonly entitlements: ReadonlySet<string>;
  /** --network: what RUN steps get that say nothing (`default`, `none`, `host`). */
  readonly network: "default" | "none" | "host";
  /** `HTTP_PROXY=…` and the like from --build-arg: in the environment of every RUN, in no key and no history. */
  readonly proxies: readonly string[];
  /** `BUILDKIT_CACHE_MOUNT_NS` from --build-arg: cache mounts of another namespace are others. */
  readonly cacheNamespace?: string;
}

/** Nothing given. */
export const NO_RUN_SETTINGS: RunSettings = {
  secrets: new Map(),
  agents: new Map(),
  hosts: [],
  ulimits: [],
  entitlements: new Set(),
  network: "default",
  proxies: [],
};
