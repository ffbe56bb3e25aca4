import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { buildkitEngine, dockerEngine, ourEngine } from "../test/compare/engines.ts";
import { PEERS_RUN, peerEnvironment } from "../test/compare/places.ts";

export interface BenchEngine {
  readonly name: string;
  readonly version: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Forgets every cache, image and base. */
  readonly forget: () => void;
  /** Processes that serve builds and stay between them. */
  readonly daemons: () => readonly number[];
}

const daemon = (name: string): number => Number(readFileSync(`${PEERS_RUN}/${name}.pid`, "utf8"));
const quietly = (program: string, args: readonly string[], env: NodeJS.ProcessEnv): void => void execFileSync(program, args, { env, stdio: "ignore" });

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
      command: ours.command,
      env: peerEnvironment(ours.env),
      forget: () => rmSync(store, { recursive: true, force: true }),
      daemons: () => [],
    },
    {
      name: "BuildKit alone",
      version: buildkit.version.split(" ").slice(0, 3).join(" "),
      command: buildkit.command,
      env: peerEnvironment(),
      forget: () => quietly("buildctl", ["--addr", `unix://${PEERS_RUN}/buildkitd.sock`, "prune", "--all"], peerEnvironment()),
      daemons: () => [daemon("buildkitd")],
    },
    {
      name: "Docker, containerd store",
      version: `Docker ${docker.version}`,
      command: docker.command,
      env: dockerEnv,
      forget: () => {
        quietly("docker", ["buildx", "prune", "--builder", "default", "-af"], dockerEnv);
        quietly("docker", ["system", "prune", "-af"], dockerEnv);
      },
      daemons: () => [daemon("docker-containerd")],
    },
  ];
}
