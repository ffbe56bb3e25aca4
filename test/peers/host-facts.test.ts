// Needs: Docker with Buildx (classic and containerd image store), BuildKit, docker-registry
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostPorts } from "../../src/adapters/node/host/host-ports.ts";
import type { HostFacts, Known } from "../../src/host/facts.ts";
import { readHostFacts } from "../../src/host/read-facts.ts";
import { PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { peerSuite, run } from "./peer-suite.ts";

/** What the whole of it may take in the worst world: it is ended then. */
const LIMIT_MS = 10_000;

let folder = "";
const closers: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "host-facts-"));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

const socket = (name: string): string => `unix://${PEERS_RUN}/${name}.sock`;

function facts(env: Readonly<Record<string, string>>, registries: readonly string[] = []): Promise<HostFacts> {
  const world = peerEnvironment({ BUILDX_CONFIG: join(folder, "buildx"), ...env });
  return readHostFacts(hostPorts({ env: world, home: folder }), { registries, signal: AbortSignal.timeout(LIMIT_MS) });
}

function value<T>(fact: Known<T>): T {
  if (!fact.known) throw new Error(`not known: ${fact.why}`);
  return fact.value;
}

const buildx = (...args: readonly string[]): string =>
  run("docker", ["buildx", ...args], { env: { BUILDX_CONFIG: join(folder, "buildx"), DOCKER_HOST: socket("docker-classic") } });

/** Takes connections and never says a word. */
async function mute(at: { readonly path: string } | { readonly port: number; readonly host: string }): Promise<Server> {
  const open = new Set<Socket>();
  const server = createServer((one) => {
    open.add(one);
    one.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(at, resolve));
  closers.push(() => {
    for (const one of open) one.destroy();
    server.close();
  });
  return server;
}

peerSuite("facts of a machine with Docker and BuildKit", ["docker-classic", "docker-containerd", "buildkitd", "buildx", "registry"], () => {
  test.each([
    ["classic", "overlay2", false],
    ["containerd", "overlayfs", true],
  ] as const)("a daemon with the %s store", async (store, storageDriver, containerdStore) => {
    const found = await facts({ DOCKER_HOST: socket(`docker-${store}`) }, [REGISTRY, "127.0.0.1:9"]);
    const daemon = value(found.daemon);
    expect(daemon).toMatchObject({ store, storageDriver, rootless: false, product: undefined, os: "linux" });
    expect(value(daemon.configFile)).toBe(`${PEERS_RUN}/docker-${store}.json`);
    expect(daemon.version).toBe(
      run("docker", ["version", "--format", "{{.Server.Version}}"], { env: { DOCKER_HOST: socket(`docker-${store}`) } }).match(/^[\d.]+/)?.[0],
    );
    const [builder] = value(found.builders);
    expect(builder).toMatchObject({ name: "default", driver: "docker", problem: undefined, nodes: [{ status: "running", containerdStore }] });
    expect(builder?.nodes[0]?.native[0]).toBe(`linux/${daemon.architecture}`);
    expect(value(found.selected)).toEqual({ builder: "default", chosenBy: "context" });
    expect(value(found.endpoint)).toEqual({ context: undefined, address: socket(`docker-${store}`), chosenBy: "DOCKER_HOST" });
    expect(found.registries.map(({ reachable }) => reachable.known)).toEqual([true, false]);
  });

  test("a remote builder that is chosen, its version and platforms, beside one that is dead", async () => {
    buildx("create", "--name", "far", "--driver", "remote", "--use", socket("buildkitd"));
    buildx("create", "--name", "dead", "--driver", "remote", "--platform", "linux/arm64", "tcp://127.0.0.1:9");
    const found = await facts({ DOCKER_HOST: socket("docker-classic") });
    expect(value(found.selected)).toEqual({ builder: "far", chosenBy: "selection" });
    const [dead, far, usual] = value(found.builders);
    expect([dead?.name, far?.name, usual?.name]).toEqual(["dead", "far", "default"]);
    const node = far?.nodes[0];
    expect(node).toMatchObject({ status: "running", buildkit: expect.stringMatching(/^\d+\.\d+\.\d+/), problem: undefined });
    expect(node?.native[0]).toBe(`linux/${value(found.kernel).architecture}`);
    expect(node?.platforms).toEqual(expect.arrayContaining([...(node?.native ?? [])]));
    expect(dead?.nodes[0]).toMatchObject({ status: "unreachable", declared: ["linux/arm64"], native: ["linux/arm64"], platforms: [] });
    // Chosen for this daemon's address: another daemon has its own.
    expect(value((await facts({ DOCKER_HOST: socket("docker-containerd") })).selected)).toEqual({ builder: "default", chosenBy: "context" });
  });

  test("what is emulated is not native", async () => {
    const found = await facts({ DOCKER_HOST: socket("docker-containerd") });
    const emulated = value(found.emulators).filter(({ enabled }) => enabled);
    const node = value(found.builders)[0]?.nodes[0];
    for (const { architecture } of emulated) expect(node?.native).not.toContain(`linux/${architecture}`);
  });

  test("a daemon and a builder that take every connection and never answer: known in time", async () => {
    await mute({ path: join(folder, "mute.sock") });
    const server = await mute({ port: 0, host: "127.0.0.1" });
    const { port } = server.address() as { port: number };
    mkdirSync(join(folder, "buildx/instances"), { recursive: true });
    for (const name of ["hung-a", "hung-b"]) {
      const node = { Name: `${name}0`, Endpoint: `tcp://127.0.0.1:${port}`, Platforms: [{ os: "linux", architecture: "s390x" }] };
      writeFileSync(join(folder, "buildx/instances", name), JSON.stringify({ Name: name, Driver: "remote", Nodes: [node] }));
    }
    const alive = { Name: "alive", Driver: "remote", Nodes: [{ Name: "alive0", Endpoint: socket("buildkitd") }] };
    writeFileSync(join(folder, "buildx/instances/alive"), JSON.stringify(alive));
    const found = await facts({ DOCKER_HOST: `unix://${folder}/mute.sock` }, [`127.0.0.1:${port}`]);
    expect(found.cli.known).toBe(true);
    expect(found.buildx.known).toBe(true);
    expect(found.daemon).toMatchObject({ known: false, state: "silent" });
    expect(value(found.builders).map(({ name, nodes }) => `${name} ${nodes[0]?.status}`)).toEqual([
      "alive running",
      "hung-a unreachable",
      "hung-b unreachable",
      "default unreachable",
    ]);
    expect(value(found.builders)[1]?.nodes[0]?.native).toEqual(["linux/s390x"]);
    expect(found.registries[0]?.reachable).toMatchObject({ known: false, state: "silent" });
  });

  test("no daemon, no context, no address, no Buildx", async () => {
    const down = await facts({ DOCKER_HOST: `unix://${folder}/none.sock` });
    expect(down.daemon).toMatchObject({ known: false, state: "absent", why: `no Docker daemon answers at unix://${folder}/none.sock` });
    const nowhere = await facts({ DOCKER_CONTEXT: "nowhere" });
    expect(nowhere.endpoint).toMatchObject({ known: false, state: "absent", why: 'there is no Docker context "nowhere", which DOCKER_CONTEXT names' });
    const unnamed = await facts({ DOCKER_HOST: "tcp://no-such-host.invalid:2375" });
    expect(unnamed.daemon).toMatchObject({ known: false, state: "absent", why: expect.stringContaining("no-such-host.invalid") });
    mkdirSync(join(folder, "config"));
    const bare = await facts({ DOCKER_HOST: socket("docker-classic"), DOCKER_CONFIG: join(folder, "config") });
    expect(bare.buildx).toMatchObject({ known: false, state: "absent" });
    expect(bare.daemon.known).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)("a socket that this user has no right to", async () => {
    const server = await mute({ path: join(folder, "root.sock") });
    expect(server.listening).toBe(true);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, "root.sock"), 0o600);
    mkdirSync(join(folder, "buildx"));
    chmodSync(join(folder, "buildx"), 0o777);
    // As `docker` for a user that is not root.
    mkdirSync(join(folder, "bin"));
    const real = run("sh", ["-c", "command -v docker"]).trim();
    writeFileSync(join(folder, "bin/docker"), `#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups ${real} "$@"\n`);
    chmodSync(join(folder, "bin/docker"), 0o755);
    const found = await facts({ DOCKER_HOST: `unix://${folder}/root.sock`, PATH: `${folder}/bin:${peerEnvironment().PATH}` });
    expect(found.daemon).toMatchObject({ known: false, state: "refused", why: `you may not use the Docker daemon at unix://${folder}/root.sock` });
    expect(value(found.builders)[0]?.problem).toBe(`you may not use the Docker daemon at unix://${folder}/root.sock`);
  });
});
