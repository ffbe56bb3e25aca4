import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { buildkitEngine, dockerEngine, ourEngine } from "../test/compare/engines.ts";
import { PEERS_RUN, peerEnvironment } from "../test/compare/places.ts";

export interface Wanted {
  readonly context: string;
  readonly platforms: string;
  /** `REGISTRY/NAME:TAG` to be pushed to, or the path of an archive. */
  readonly image?: string;
  readonly archive?: string;
}

export interface BenchEngine {
  readonly name: string;
  readonly version: string;
  /** Builds a context for platforms and pushes it, or writes it as an OCI archive: program and arguments. */
  readonly build: (wanted: Wanted) => readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Forgets every cache, image and base. */
  readonly forget: () => void;
  /** Processes that serve builds and stay between them. */
  readonly daemons: () => readonly number[];
}

/** Command lines like Buildx's, ours among them. RUN steps get the machine's network: there is no other here. */
const likeBuildx =
  (command: readonly string[], network: readonly string[]) =>
  ({ context, platforms, image, archive }: Wanted): readonly string[] => [
    ...command,
    ...["--platform", platforms, "--provenance=false", "--progress=plain", ...network],
    ...(image === undefined ? ["-o", `type=oci,dest=${archive}`] : ["--push", "-t", image]),
    context,
  ];
const HOST_NETWORK = ["--network", "host", "--allow", "network.host"];

const daemon = (name: string): number => Number(readFileSync(`${PEERS_RUN}/${name}.pid`, "utf8"));
const quietly = (program: string, args: readonly string[], env: NodeJS.ProcessEnv): void => void execFileSync(program, args, { env, stdio: "ignore" });

/** buildah with a storage of its own: builds all platforms as one manifest list, and pushes that. */
export function buildahEngine(storage: string, global: readonly string[], building: readonly string[]): BenchEngine {
  const env = peerEnvironment();
  const all = ["buildah", "--root", `${storage}/root`, "--runroot", `${storage}/run`, ...global].map(shellWord).join(" ");
  return {
    name: `buildah, ${process.getuid?.() === 0 && building.includes("runc") ? "root, runc" : "rootless, chroot"}`,
    version: execFileSync("buildah", ["--version"], { env, encoding: "utf8" }).trim().replace(/ \(.*/, ""),
    build: ({ context, platforms, image, archive }) => {
      const words = (args: readonly string[]): string => args.map(shellWord).join(" ");
      const to = image === undefined ? `oci-archive:${archive}` : `docker://${image}`;
      return [
        "sh",
        "-euc",
        [
          // An old list would be added to.
          `${all} manifest rm bench >/dev/null 2>&1 || true`,
          `${all} build --layers --jobs 2 --network host --tls-verify=false ${words([...building, "--platform", platforms, "--manifest", "bench", context])}`,
          `${all} manifest push --all --tls-verify=false bench ${shellWord(to)}`,
        ].join("\n"),
      ];
    },
    env,
    forget: () => {
      spawnSync("sh", ["-c", `${all} rm -af; ${all} rmi -af`], { env, stdio: "ignore" });
      rmSync(storage, { recursive: true, force: true });
      rmSync("/var/lib/containers/cache/blob-info-cache-v1.boltdb", { force: true });
    },
    daemons: () => [],
  };
}

const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

let asides = 0;

/**
 * Puts a store out of the way; it is removed with the benchmark's folder. Removing it now would slow down whatever comes next: ext4 looks past every inode that was
 * freed in the last minute (Linux fs/ext4/ialloc.c, recently_deleted, read 2026-11-22), a third of a millisecond for each new file here.
 */
export function setAside(store: string): void {
  if (existsSync(store)) renameSync(store, `${store}-aside-${asides++}`);
}

/** Ours first, then whom it is measured against. */
export function benchEngines(store: string): readonly BenchEngine[] {
  const ours = ourEngine(store);
  const buildkit = buildkitEngine();
  const docker = dockerEngine();
  const dockerEnv = peerEnvironment(docker.env);
  return [
    {
      name: "multihull",
      version: "this checkout",
      build: likeBuildx(ours.command, []),
      env: peerEnvironment(ours.env),
      forget: () => setAside(store),
      daemons: () => [],
    },
    {
      name: "BuildKit alone",
      version: buildkit.version.split(" ").slice(0, 3).join(" "),
      build: likeBuildx(buildkit.command, HOST_NETWORK),
      env: peerEnvironment(),
      forget: () => quietly("buildctl", ["--addr", `unix://${PEERS_RUN}/buildkitd.sock`, "prune", "--all"], peerEnvironment()),
      daemons: () => [daemon("buildkitd")],
    },
    {
      name: "Docker, containerd store",
      version: `Docker ${docker.version}`,
      build: likeBuildx(docker.command, HOST_NETWORK),
      env: dockerEnv,
      forget: () => {
        quietly("docker", ["buildx", "prune", "--builder", "default", "-af"], dockerEnv);
        quietly("docker", ["system", "prune", "-af"], dockerEnv);
      },
      daemons: () => [daemon("docker-containerd")],
    },
    buildahEngine(`${store}-buildah`, ["--storage-driver", "overlay"], ["--runtime", "runc"]),
  ];
}
