import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { PEERS, PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";

/** The shared daemons of scripts/peers/start.sh, for use only: not to be stopped or reconfigured. */
export const sharedDocker = (store: ImageStore): string => `unix://${PEERS_RUN}/docker-${store}.sock`;

/** `classic` keeps images in graph drivers, one platform each; `containerd` in containerd's content store. */
export type ImageStore = "classic" | "containerd";

export interface DockerdOptions {
  /** Written into the new daemon.json as `features.containerd-snapshotter`. Absent: nothing is said, and the daemon takes its default. */
  readonly store?: ImageStore;
  /** A daemon.json to use as it is, instead of a new one with `store`, `mirrors` and loopback registries allowed without TLS. */
  readonly configFile?: string;
  /** Addresses for `registry-mirrors`; default the local registry, which has moby/buildkit:buildx-stable-1. */
  readonly mirrors?: readonly string[];
}

/** A dockerd of one's own in a temporary folder, on a socket in it, without bridge and iptables: RUN and containers want `--network=host` or `none`. */
export interface OwnDockerd {
  /** Where everything of it is. */
  readonly folder: string;
  readonly socket: string;
  /** `unix://…` of the socket, for DOCKER_HOST. */
  readonly host: string;
  /** The daemon.json that it reads at each start. */
  readonly configFile: string;
  /** For clients of it: the peers' PATH, DOCKER_HOST, and a DOCKER_CONFIG (with BUILDX_CONFIG below it) of its own. */
  readonly env: NodeJS.ProcessEnv;
  /** Process id of the daemon that runs now. @throws when none does */
  readonly pid: number;
  /** Stops and starts it, as `systemctl restart docker` does. @throws with the end of its log when it does not come up */
  restart(): Promise<void>;
  /** Runs `docker` against it. Does not throw. */
  docker(args: readonly string[], options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Said>;
  /** Ends it, with its containers, and removes its folder. Also when it no longer runs. */
  end(): Promise<void>;
}

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuilderOptions {
  /** Environment of the docker CLI: which daemon, and whose configuration. */
  readonly env: NodeJS.ProcessEnv;
  /** Default `docker-container`, with the host's network. */
  readonly driver?: "docker-container" | "remote";
  /** Address for `remote`; default the shared buildkitd. */
  readonly endpoint?: string;
  /** Further words of `docker buildx create`. */
  readonly create?: readonly string[];
}

/** A Buildx builder in a BUILDX_CONFIG folder of its own. */
export interface OwnBuilder {
  readonly name: string;
  /** `env` of the options with BUILDX_CONFIG. */
  readonly env: NodeJS.ProcessEnv;
  /** Removes it, its container, its volume and the folder. */
  end(): Promise<void>;
}

/** Starts a dockerd. @throws with the end of its log when it does not come up within 30 s */
export async function ownDockerd(options: DockerdOptions = {}): Promise<OwnDockerd> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-dockerd-"));
  const configFile = options.configFile ?? join(folder, "daemon.json");
  if (options.configFile === undefined) writeFileSync(configFile, `${JSON.stringify(daemonConfig(options), null, 2)}\n`);
  const clients = join(folder, "client");
  mkdirSync(join(clients, "cli-plugins"), { recursive: true });
  writeFileSync(join(clients, "config.json"), "{}\n");
  symlinkSync(`${PEERS}/docker/usr/libexec/docker/cli-plugins/docker-buildx`, join(clients, "cli-plugins/docker-buildx"));
  const socket = join(folder, "docker.sock");
  const env = peerEnvironment({ DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: clients, BUILDX_CONFIG: join(clients, "buildx") });
  delete env.DOCKER_CONTEXT;
  let child = await startDaemon(folder, configFile, env);

  const docker: OwnDockerd["docker"] = async (args, { cwd, env: extra } = {}) => {
    const ended = await execa("docker", args, {
      env: { ...env, ...extra },
      extendEnv: false,
      reject: false,
      timeout: 300_000,
      ...(cwd === undefined ? {} : { cwd }),
    });
    return { status: ended.exitCode ?? 1, stdout: ended.stdout, stderr: ended.stderr };
  };
  return {
    folder,
    socket,
    host: `unix://${socket}`,
    configFile,
    env,
    get pid() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) throw new Error("the daemon does not run");
      return child.pid;
    },
    docker,
    async restart() {
      await stopDaemon(child);
      child = await startDaemon(folder, configFile, env);
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        const { stdout } = await docker(["ps", "--all", "--quiet"]);
        if (stdout !== "") await docker(["rm", "--force", "--volumes", ...stdout.split("\n")]);
      }
      await stopDaemon(child);
      await unmountBelow(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Gives a builder to `use`, booted, and removes it whatever comes of that. */
export async function withBuilder<T>(options: BuilderOptions, use: (builder: OwnBuilder) => Promise<T>): Promise<T> {
  const builder = await ownBuilder(options);
  try {
    return await use(builder);
  } finally {
    await builder.end();
  }
}

let builders = 0;

/** Creates and boots a builder. @throws with buildx's words when that fails */
export async function ownBuilder({ env: given, driver = "docker-container", endpoint, create = [] }: BuilderOptions): Promise<OwnBuilder> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-buildx-"));
  const env = { ...given, BUILDX_CONFIG: folder };
  const name = `multihull-test-${process.pid}-${builders++}`;
  const buildx = async (...args: readonly string[]): Promise<void> => {
    await execa("docker", ["buildx", ...args], { env, extendEnv: false, timeout: 60_000 });
  };
  const end = async (): Promise<void> => {
    await buildx("rm", "--force", name);
    rmSync(folder, { recursive: true, force: true });
  };
  const where =
    driver === "remote" ? [endpoint ?? `unix://${PEERS_RUN}/buildkitd.sock`] : ["--driver-opt", "network=host", "--buildkitd-config", plainHttpConfig(folder)];
  try {
    await buildx("create", "--name", name, "--driver", driver, ...where, ...create);
    await buildx("inspect", "--bootstrap", name);
  } catch (error) {
    await end();
    throw error;
  }
  return { name, env, end };
}

/** A buildkitd.toml that lets the local registry be used without TLS, and RUN have the host's network. */
function plainHttpConfig(folder: string): string {
  const file = join(folder, "own-buildkitd.toml");
  writeFileSync(file, `insecure-entitlements = ["network.host"]\n[registry."${REGISTRY}"]\n  http = true\n`);
  return file;
}

function daemonConfig({ store, mirrors = [`http://${REGISTRY}`] }: DockerdOptions): Readonly<Record<string, unknown>> {
  return {
    ...(store === undefined ? {} : { features: { "containerd-snapshotter": store === "containerd" } }),
    "insecure-registries": ["127.0.0.0/8"],
    "registry-mirrors": mirrors,
  };
}

async function startDaemon(folder: string, configFile: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const logFile = join(folder, "dockerd.log");
  const log = openSync(logFile, "a");
  const places = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "dockerd.pid")];
  const child = spawn("dockerd", ["--config-file", configFile, ...places, "-H", env.DOCKER_HOST!, "--bridge=none", "--iptables=false", "--ip6tables=false"], {
    env,
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const began = performance.now();
  while (performance.now() - began < 30_000 && child.exitCode === null && child.signalCode === null) {
    const { exitCode } = await execa("docker", ["version"], { env, extendEnv: false, reject: false, timeout: 5000 });
    if (exitCode === 0) return child;
    await pause(100);
  }
  await stopDaemon(child);
  throw new Error(`dockerd does not answer; the end of its log:\n${readFileSync(logFile, "utf8").split("\n").slice(-8).join("\n")}`);
}

async function stopDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 30_000);
  await ended;
  clearTimeout(patience);
}

/** What a daemon that was killed left mounted. */
export async function unmountBelow(folder: string): Promise<void> {
  if (!existsSync("/proc/self/mounts")) return;
  const places = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((place) => place.startsWith(`${folder}/`));
  for (const place of places.reverse()) await execa("umount", ["--lazy", place], { reject: false });
}
