import { execFileSync } from "node:child_process";
import { ownBuilder, sharedDocker } from "../harness/peer-docker.ts";
import { OURS, PEERS_RUN, peerEnvironment, REGISTRY } from "./places.ts";

/** Whom Buildx is told to build with: BuildKit over its remote driver, Docker's daemon with the containerd store, or BuildKit in a container. */
export type PeerName = "buildkit" | "docker" | "container";
/** `ours` is the embedded engine; the others are our command with one of those as its builder. */
export type EngineName = PeerName | "ours" | `ours-${PeerName}`;

/** Something with buildx's command line that makes an OCI archive of a case. */
export interface CompareEngine {
  readonly name: EngineName;
  readonly version: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Outcomes are kept between runs, because this engine does not change. */
  readonly keep: boolean;
  /** BuildKit clamps file times to an epoch only when told; ours always does. */
  readonly clampFlag: string;
  /** What it wants to be told so that RUN has a network. */
  readonly networkFlags: readonly string[];
  /** Removes what was made for it. */
  readonly end: () => Promise<void>;
}

/** The engine of that name. What it makes is removed by its `end`. `store` is the folder of our own store, where it is ours. */
export async function engineNamed(name: EngineName, store: string): Promise<CompareEngine> {
  switch (name) {
    case "ours":
      return ourEngine(store);
    case "buildkit":
      return buildkitEngine();
    case "docker":
      return dockerEngine();
    case "container":
      return containerEngine();
    case "ours-buildkit":
      return throughOurs(buildkitEngine(), store);
    case "ours-docker":
      return throughOurs(dockerEngine(), store);
    case "ours-container":
      return throughOurs(await containerEngine(), store);
  }
}

const peerEngine = { keep: true, clampFlag: ",rewrite-timestamp=true", networkFlags: [], end: async () => undefined };
const buildWith = (builder: string): readonly string[] => ["docker", "buildx", "build", "--builder", builder];

/** BuildKit alone, over buildx's remote driver. */
export function buildkitEngine(): CompareEngine {
  const builder = "multihull-remote";
  const env = peerEnvironment();
  try {
    execFileSync("docker", ["buildx", "inspect", builder], { env, stdio: "ignore" });
  } catch {
    execFileSync("docker", ["buildx", "create", "--name", builder, "--driver", "remote", `unix://${PEERS_RUN}/buildkitd.sock`], { env, stdio: "ignore" });
  }
  const version = execFileSync("buildkitd", ["--version"], { env, encoding: "utf8" }).trim();
  return { ...peerEngine, name: "buildkit", version, command: buildWith(builder), env: {} };
}

/** Docker's daemon with the containerd image store, and the BuildKit inside it. It is started without a bridge, so that programs can only have the machine's network. */
export function dockerEngine(): CompareEngine {
  const env = { DOCKER_HOST: sharedDocker("containerd") };
  const version = execFileSync("docker", ["version", "--format", "{{.Server.Version}}"], { env: peerEnvironment(env), encoding: "utf8" }).trim();
  return { ...peerEngine, name: "docker", version, command: buildWith("default"), env, networkFlags: ["--network=host"] };
}

/** BuildKit as Buildx starts it, in a container of a daemon with the classic store. */
export async function containerEngine(): Promise<CompareEngine> {
  const env = { DOCKER_HOST: sharedDocker("classic") };
  const builder = await ownBuilder({ env: peerEnvironment(env) });
  const version = execFileSync("crane", ["digest", "--insecure", `${REGISTRY}/moby/buildkit:buildx-stable-1`], {
    env: peerEnvironment(),
    encoding: "utf8",
  }).trim();
  return {
    ...peerEngine,
    name: "container",
    version,
    command: buildWith(builder.name),
    env: { ...env, BUILDX_CONFIG: builder.env.BUILDX_CONFIG! },
    end: () => builder.end(),
  };
}

/** This checkout's command line, with a store of its own. */
export function ourEngine(store: string): CompareEngine {
  return {
    name: "ours",
    version: "checkout",
    command: [OURS, "build", "--engine", "embedded"],
    env: { MULTIHULL_STORE: store },
    keep: false,
    clampFlag: "",
    networkFlags: [],
    end: async () => undefined,
  };
}

/** Our command line with a peer's builder to build with. The peer's `end` is then its. */
export function throughOurs(peer: CompareEngine, store: string): CompareEngine {
  const builder = peer.command.at(-1)!;
  return {
    ...peer,
    name: `ours-${peer.name as PeerName}`,
    version: "checkout",
    command: [OURS, "build", "--engine", "buildkit", "--builder", builder],
    env: { ...peer.env, MULTIHULL_STORE: store },
    keep: false,
    clampFlag: "",
  };
}
