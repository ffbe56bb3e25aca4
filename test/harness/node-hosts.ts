import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { peerEnvironment } from "../compare/places.ts";
import { unmountBelow } from "./peer-docker.ts";

/** A machine of its own as far as the network goes: a network namespace with a BuildKit in it. */
export interface NodeHost {
  readonly ip: string;
  /** `tcp://IP:PORT`. */
  readonly endpoint: string;
  /** Of its network namespace. */
  readonly namespace: string;
  /** Packets to and from it vanish from now on. */
  cut(): void;
  mend(): void;
  /** Its daemon ends by SIGKILL; what it started goes on. */
  kill(): Promise<void>;
  /** Its daemon starts, with what it had kept. @param more  further arguments @throws with the end of its log when it does not come up within 30 s */
  start(more?: readonly string[]): Promise<void>;
  /** Octets that came to it and went from it, up to now. */
  traffic(): { readonly received: number; readonly sent: number };
}

/** Hosts on a network of their own, and a registry beside them. */
export interface NodeHosts {
  readonly folder: string;
  /** This machine's address there. */
  readonly home: string;
  /** `IP:PORT`; speaks http. */
  readonly registry: string;
  readonly hosts: readonly NodeHost[];
  /** Takes everything away, daemons, networks and files, also what half came to be. */
  end(): Promise<void>;
}

/**
 * Makes them: a bridge with this machine's address, for each host a network namespace with a BuildKit whose RUN steps have that namespace's network, and a registry with these
 * images. Wants root.
 * @param bases  images to copy to the registry, as `HOST/NAME:TAG`; there each is `NAME:TAG`
 */
export async function nodeHosts(count: number, bases: readonly string[]): Promise<NodeHosts> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-nodes-"));
  const net = `10.213.${process.pid % 250}`;
  const bridge = `mh${process.pid}`;
  const home = `${net}.1`;
  const registry = `${home}:5000`;
  const daemons: Daemon[] = [];
  const namespaces: string[] = [];
  const end = async (): Promise<void> => {
    for (const namespace of namespaces) endAllIn(namespace);
    for (const daemon of daemons) await daemon.kill();
    for (const namespace of namespaces) ip("netns", "del", namespace);
    if (ip("-o", "link").includes(` ${bridge}:`)) ip("link", "del", bridge);
    await unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    ip("link", "add", bridge, "type", "bridge");
    ip("addr", "add", `${home}/24`, "dev", bridge);
    ip("link", "set", bridge, "up");
    const store = registryDaemon(folder, registry);
    daemons.push(store);
    const hosts: NodeHost[] = [];
    for (let i = 0; i < count; i++) {
      const namespace = `${bridge}-${i}`;
      const address = `${net}.${i + 2}`;
      namespaces.push(namespace);
      plug(namespace, { bridge, veth: `${bridge}v${i}`, address, home });
      const daemon = buildkitDaemon(join(folder, `host-${i}`), namespace, `tcp://${address}:1234`, registry);
      daemons.push(daemon);
      hosts.push(hostOf(daemon, namespace, { bridge, veth: `${bridge}v${i}`, address }));
    }
    await Promise.all(daemons.map((daemon) => daemon.start()));
    for (const base of bases)
      await execa("crane", ["copy", "--insecure", base, base.replace(/^[^/]*/, registry)], { env: peerEnvironment(), extendEnv: false });
    return { folder, home, registry, hosts, end };
  } catch (error) {
    await end();
    throw error;
  }
}

interface Plug {
  readonly bridge: string;
  readonly veth: string;
  readonly address: string;
  readonly home: string;
}

function plug(namespace: string, { bridge, veth, address, home }: Plug): void {
  ip("netns", "add", namespace);
  ip("link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", namespace);
  ip("link", "set", veth, "master", bridge, "up");
  ip("-n", namespace, "link", "set", "lo", "up");
  ip("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
  ip("-n", namespace, "link", "set", "eth0", "up");
  ip("-n", namespace, "route", "add", "default", "via", home);
}

const hostOf = (daemon: Daemon, namespace: string, { bridge, veth, address }: Omit<Plug, "home">): NodeHost => ({
  ip: address,
  endpoint: `tcp://${address}:1234`,
  namespace,
  cut: () => void ip("link", "set", veth, "nomaster"),
  mend: () => void ip("link", "set", veth, "master", bridge),
  kill: () => daemon.kill(),
  start: (more) => daemon.start(more),
  traffic: () => {
    const [counted] = JSON.parse(ip("-s", "-j", "link", "show", "dev", veth)) as [{ stats64: { rx: { bytes: number }; tx: { bytes: number } } }];
    return { received: counted.stats64.tx.bytes, sent: counted.stats64.rx.bytes };
  },
});

/** A program that serves until it is killed. */
interface Daemon {
  start(more?: readonly string[]): Promise<void>;
  /** Also when it does not run. */
  kill(): Promise<void>;
}

function buildkitDaemon(folder: string, namespace: string, address: string, registry: string): Daemon {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "buildkitd.toml");
  writeFileSync(config, `[registry."${registry}"]\n  http = true\n`);
  const places = ["--config", config, "--root", join(folder, "root"), "--addr", address];
  const args = [`--net=/run/netns/${namespace}`, "buildkitd", ...places, "--oci-worker=true", "--containerd-worker=false", "--oci-worker-net=host"];
  return daemonOf("nsenter", args, join(folder, "log"), /running server on/);
}

function registryDaemon(folder: string, address: string): Daemon {
  const config = join(folder, "registry.yml");
  const storage = `{filesystem: {rootdirectory: ${join(folder, "registry")}}, delete: {enabled: true}}`;
  writeFileSync(config, `version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\nstorage: ${storage}\nhttp: {addr: "${address}"}\n`);
  return daemonOf("docker-registry", ["serve", config], join(folder, "registry.log"), /listening on/);
}

function daemonOf(program: string, args: readonly string[], logFile: string, ready: RegExp): Daemon {
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    kill,
    async start(more = []) {
      const log = openSync(logFile, "w");
      child = spawn(program, [...args, ...more], { env: peerEnvironment({ OTEL_TRACES_EXPORTER: "none" }), stdio: ["ignore", log, log] });
      closeSync(log);
      const began = performance.now();
      while (performance.now() - began < 30_000 && child.exitCode === null && child.signalCode === null) {
        if (ready.test(readFileSync(logFile, "utf8"))) return;
        await pause(50);
      }
      await kill();
      throw new Error(`${program} does not come up; the end of its log:\n${readFileSync(logFile, "utf8").split("\n").slice(-8).join("\n")}`);
    },
  };
}

/** What runs in a namespace, and nothing else: RUN steps that outlived their daemon. */
function endAllIn(namespace: string): void {
  for (const pid of ip("netns", "pids", namespace).split("\n")) {
    try {
      if (pid.trim() !== "") process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { env: peerEnvironment(), encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
