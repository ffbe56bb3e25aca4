import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { OURS, PEERS, PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";

/** How each peer is found to be there and answering. Quick, and changes nothing. */
const PROBES = {
  registry: ["curl", "-fs", "-o", "/dev/null", `http://${REGISTRY}/v2/`],
  bases: ["crane", "digest", "--insecure", `${REGISTRY}/base/go:1`],
  buildkitd: ["buildctl", "--addr", `unix://${PEERS_RUN}/buildkitd.sock`, "debug", "workers"],
  buildx: ["docker", "buildx", "version"],
  "docker-containerd": ["docker", "-H", `unix://${PEERS_RUN}/docker-containerd.sock`, "version"],
  "docker-classic": ["docker", "-H", `unix://${PEERS_RUN}/docker-classic.sock`, "version"],
  skopeo: ["skopeo", "--version"],
  crane: ["crane", "version"],
  podman: ["podman", "--version"],
  buildah: ["buildah", "--version"],
  qemu: ["test", "-e", "/proc/sys/fs/binfmt_misc/qemu-aarch64"],
  git: ["git", "--version"],
  gcc: ["gcc", "--version"],
  readelf: ["readelf", "--version"],
  "buildkit-image": ["crane", "digest", "--insecure", `${REGISTRY}/moby/buildkit:buildx-stable-1`],
  netns: ["unshare", "--net", "ip", "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"],
  sshd: ["test", "-x", `${PEERS}/sshd/usr/sbin/sshd`],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Peer = keyof typeof PROBES;

/** A suite that meets real programs. When one of them is not there, it is left out as one skipped test with the reason, which the closing reporter lists as not run. */
export function peerSuite(name: string, needs: readonly Peer[], body: () => void): void {
  const reason = needs.map(whyMissing).find((why) => why !== undefined);
  describe(name, () => {
    if (reason === undefined) body();
    else test("all of it", (context) => context.skip(reason));
  });
}

const known = new Map<Peer, string | undefined>();

function whyMissing(peer: Peer): string | undefined {
  if (!known.has(peer)) known.set(peer, probe(peer));
  return known.get(peer);
}

function probe(peer: Peer): string | undefined {
  const [program, ...args] = PROBES[peer];
  const result = spawnSync(program, args, { env: peerEnvironment(), encoding: "utf8", timeout: 20_000 });
  if (result.status === 0) return undefined;
  const noted = existsSync(`${PEERS}/missing`)
    ? readFileSync(`${PEERS}/missing`, "utf8")
        .split("\n")
        .find((line) => line.startsWith(`${peer}\t`))
    : undefined;
  if (noted !== undefined) return `${peer} could not be had: ${noted.slice(peer.length + 1)}`;
  return `${peer} does not answer (${result.error?.message ?? result.stderr.trim().split("\n").at(-1)})`;
}

/** Runs one of our commands or a peer's. @throws when it fails, with what it said */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): string {
  const result = spawnSync(program, args, { env: peerEnvironment(options.env), cwd: options.cwd, encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.status !== 0)
    throw new Error(`${program} ${args.join(" ")}: ${result.error?.message ?? `exit ${result.status}`}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Our own command line. */
export const multihull = (args: readonly string[], store: string): string => run(OURS, args, { env: { MULTIHULL_STORE: store } });
