import type { BuilderFact, BuilderNodeFact, DaemonFact, EmulatorFact, EndpointFact, HostFacts, Known, SelectedFact, Unknown } from "../../src/host/facts.ts";

export const told = <T>(value: T): Known<T> => ({ known: true, value, source: "the test" });
export const untold = (why: string, help: string, state: Unknown["state"] = "absent"): Unknown => ({ known: false, state, why, help, source: "the test" });

export const daemonFact = (changes: Partial<DaemonFact> = {}): DaemonFact => ({
  version: "28.5.2",
  os: "linux",
  architecture: "amd64",
  store: "classic",
  storageDriver: "overlay2",
  rootless: false,
  product: undefined,
  mirrors: [],
  insecureRegistries: ["127.0.0.0/8", "::1/128"],
  containersRunning: 0,
  liveRestore: false,
  images: 0,
  configFile: told("/etc/docker/daemon.json"),
  pid: 1,
  ...changes,
});

export const nodeFact = (changes: Partial<BuilderNodeFact> = {}): BuilderNodeFact => ({
  name: "node0",
  endpoint: "unix:///var/run/docker.sock",
  status: "running",
  buildkit: "0.34.2",
  platforms: ["linux/amd64", "linux/386"],
  declared: [],
  native: ["linux/amd64"],
  driverOptions: new Map(),
  containerdStore: undefined,
  problem: undefined,
  ...changes,
});

export const builderFact = (name: string, driver: BuilderFact["driver"], changes: Partial<BuilderNodeFact> = {}, problem?: string): BuilderFact => ({
  name,
  driver,
  nodes: [nodeFact({ name: `${name}0`, ...changes })],
  problem,
});

/** A Linux machine with Docker's classic store and its own builder alone. */
export interface MachineWords {
  readonly buildx?: string;
  readonly daemon?: Partial<DaemonFact>;
  readonly endpoint?: Partial<EndpointFact>;
  /** Beside the context's own. */
  readonly builders?: readonly BuilderFact[];
  readonly selected?: SelectedFact;
  readonly emulators?: readonly EmulatorFact[];
}

export function hostFacts(
  { buildx = "0.29.1", daemon, endpoint, builders = [], selected, emulators = [] }: MachineWords = {},
  changes: Partial<HostFacts> = {},
): HostFacts {
  const where: EndpointFact = { context: "default", address: "unix:///var/run/docker.sock", chosenBy: "default", ...endpoint };
  const context = where.context ?? "default";
  return {
    cli: told({ version: "28.5.2" }),
    buildx: told({ version: buildx }),
    contexts: told([{ name: context, endpoint: where.address, current: true }]),
    endpoint: told(where),
    daemon: told(daemonFact(daemon)),
    builders: told([builderFact(context, "docker", { containerdStore: daemon?.store === "containerd" }), ...builders]),
    selected: told(selected ?? { builder: context, chosenBy: "context" }),
    kernel: told({ release: "6.18.5", architecture: "amd64", userNamespaces: true }),
    emulators: told(emulators),
    registries: [],
    ...changes,
  };
}
