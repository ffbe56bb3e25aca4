// Needs: root, ip (network namespaces), BuildKit, Docker's command line with Buildx, docker-registry (base images), crane, openssl, QEMU for arm64; for ssh Docker and openssh-server
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { nodeWorld, type World } from "../../src/adapters/node/world.ts";
import { build } from "../../src/api/build.ts";
import type { BuildOutcome, BuildRequest } from "../../src/api/request.ts";
import { isProblem, type ProblemError } from "../../src/core/problem.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import { baseReference, peerEnvironment } from "../compare/places.ts";
import { type HttpGate, httpGate } from "../harness/http-gate.ts";
import { type NodeHost, type NodeHosts, nodeHosts } from "../harness/node-hosts.ts";
import { sharedDocker } from "../harness/peer-docker.ts";
import { type SshHost, sshHost } from "../harness/ssh-host.ts";
import { peerSuite, run } from "./peer-suite.ts";

const TIME = { timeout: 120_000 };

peerSuite("a build over two hosts", ["registry", "bases", "buildkitd", "buildx", "crane", "qemu", "netns"], () => {
  let net: NodeHosts;
  let gate: HttpGate;
  let amd: NodeHost;
  let arm: NodeHost;
  let world: World;
  let nodes: readonly string[];

  beforeAll(async () => {
    net = await nodeHosts(2, [baseReference("busybox")]);
    gate = await httpGate(net.home);
    [amd, arm] = net.hosts as [NodeHost, NodeHost];
    nodes = [`linux/amd64=${amd.endpoint}`, `linux/arm64=${arm.endpoint}`];
    world = { ...nodeWorld(), env: peerEnvironment({ BUILDX_CONFIG: join(net.folder, "users-buildx") }), home: net.folder, cwd: net.folder };
  }, 120_000);
  beforeEach(() => gate.open());
  afterAll(async () => {
    await gate?.close();
    await net?.end();
  }, 60_000);

  let apps = 0;
  /** An image whose only RUN step asks the gate for its architecture, and then does `more`. Nothing of it was ever built. */
  function app(more = "true"): string {
    const context = join(net.folder, `app-${apps++}`);
    mkdirSync(context);
    writeFileSync(join(context, "shared"), `${process.pid} ${apps}\n`);
    writeFileSync(
      join(context, "Dockerfile"),
      `FROM ${net.registry}/base/busybox:1\nCOPY shared /shared\nARG TARGETARCH\nRUN wget -q -O- ${gate.url}/$TARGETARCH; uname -m > /made; ${more}\n`,
    );
    return context;
  }

  interface Built {
    readonly outcome: BuildOutcome | undefined;
    readonly problem: ProblemError | undefined;
    readonly events: readonly BuildEvent[];
    /** Names of steps that were taken from a node's cache. */
    readonly cached: readonly string[];
  }

  async function built(request: BuildRequest, of = world): Promise<Built> {
    const events: BuildEvent[] = [];
    const all = {
      store: join(net.folder, "store"),
      nodes,
      insecureRegistries: [net.registry],
      events: { emit: (event: BuildEvent) => void events.push(event) },
    };
    const [outcome, problem] = await build({ ...all, ...request }, of).then(
      (one) => [one, undefined] as const,
      (error: unknown) => {
        if (!isProblem(error)) throw error;
        return [undefined, error] as const;
      },
    );
    return { outcome, problem, events, cached: events.flatMap((event) => (event.type === "vertex-cached" ? [event.name] : [])) };
  }

  const imageName = (): string => `${net.registry}/app:${apps}`;
  const pushed = (context: string): BuildRequest => ({ context, tags: [imageName()], push: true });
  const manifestOf = (reference: string) =>
    JSON.parse(run("crane", ["manifest", "--insecure", reference])) as {
      manifests: { digest: string; platform: { architecture: string } }[];
      layers: { digest: string }[];
    };
  const platformsOf = (reference: string): readonly string[] => manifestOf(reference).manifests.map(({ platform }) => platform.architecture);
  const fileOf = (reference: string, architecture: string, path: string): string =>
    run("sh", ["-c", 'crane export --insecure --platform "linux/$1" "$0" - | tar -xO "$2"', reference, architecture, path]);
  const askers = (): readonly string[] => gate.asked.slice(-2).map(({ path, from }) => `${path} from ${from}`);
  /** Blobs with the file that each is: another number is another writing. */
  const blobsKept = (store = join(net.folder, "store")): ReadonlyMap<string, number> => {
    const blobs = join(store, "blobs", "sha256");
    return new Map(readdirSync(blobs).map((name) => [name, statSync(join(blobs, name)).ino]));
  };

  test("each platform is built on its node, shown with it, and both are one image whose common layers are one", TIME, async () => {
    const { outcome, problem, events } = await built(pushed(app()));
    expect(problem).toBeUndefined();
    expect([...askers()].sort()).toEqual([`/amd64 from ${amd.ip}`, `/arm64 from ${arm.ip}`]);
    expect(platformsOf(imageName())).toEqual(["amd64", "arm64"]);
    expect(["amd64", "arm64"].map((one) => fileOf(imageName(), one, "made").trim())).toEqual(["x86_64", "aarch64"]);
    const [one, two] = (outcome?.images ?? []).map(({ layers }) => layers.map(({ digest }) => digest));
    expect(one?.[1]).toBe(two?.[1]);
    const names = events.flatMap((event) => (event.type === "vertex-started" ? [event.name] : []));
    expect(names).toEqual(
      expect.arrayContaining([
        expect.stringMatching(`^\\[${amd.ip} linux/amd64 3/3\\] RUN wget`),
        expect.stringMatching(`^\\[${arm.ip} linux/arm64 3/3\\] RUN wget`),
      ]),
    );
    expect(outcome?.engine).toMatchObject({
      name: "buildkit",
      builder: { driver: "nodes", name: `${amd.endpoint} for linux/amd64; ${arm.endpoint} for linux/arm64` },
    });
    expect(run("docker", ["buildx", "ls", "--format", "{{.Builder.Name}}"], { env: { BUILDX_CONFIG: join(net.folder, "users-buildx") } })).not.toContain(
      "multihull",
    );
  });

  describe("a node that is lost midway", () => {
    const ways: readonly (readonly [how: string, lose: () => Promise<void>, back: () => Promise<void>])[] = [
      ["its packets vanish", async () => arm.cut(), async () => arm.mend()],
      ["its daemon is killed", () => arm.kill(), () => arm.start()],
    ];
    test.each(ways)("%s: it is named, the other's work is kept, and a second run does only what is missing", TIME, async (_, lose, back) => {
      const request = pushed(app());
      const asked = gate.hold("/arm64");
      const first = built(request);
      await asked;
      await lose();
      const { problem } = await first;
      await back();
      expect(problem).toMatchObject({ code: "node-failed", facts: { nodes: arm.endpoint, platforms: "linux/arm64" } });
      expect(problem?.message).toMatch(/^linux\/arm64\b.*\b10\.213\./);
      expect(problem?.message).not.toContain(amd.ip);
      expect(problem?.hint).toContain("what the other nodes made is kept");

      const before = blobsKept();
      gate.open();
      const second = await built(request);
      expect(second.problem).toBeUndefined();
      expect(second.cached.filter((name) => name.startsWith(`[${amd.ip} linux/amd64 3/3]`))).toHaveLength(1);
      const ofAmd = second.outcome?.images[0]?.layers.map(({ digest }) => digest.slice("sha256:".length)) ?? [];
      expect(ofAmd.map((name) => before.get(name))).toEqual(ofAmd.map((name) => blobsKept().get(name)));
      expect(platformsOf(imageName())).toEqual(["amd64", "arm64"]);
    });
  });

  describe("a node that is dead from the start", () => {
    const ways: readonly (readonly [how: string, lose: () => Promise<void>, back: () => Promise<void>, words: string])[] = [
      ["nobody listens", () => arm.kill(), () => arm.start(), "refuses connections"],
      ["its packets vanish", async () => arm.cut(), async () => arm.mend(), ""],
    ];
    test.each(ways)("%s: it is told while the other works, which goes on and is kept", TIME, async (_, lose, back, words) => {
      const request = pushed(app());
      await lose();
      const held = gate.hold("/amd64");
      const told: Promise<string>[] = [];
      const first = new Promise<Built>((done, fail) => {
        told.push(
          new Promise((tell) => {
            built({ ...request, events: { emit: (event) => event.type === "warning" && tell(event.message) } }).then(done, fail);
          }),
        );
      });
      await held;
      // While the other waits in its RUN step: no build that ends could make it known.
      expect(await told[0]).toContain(`on ${arm.endpoint}: the node is lost: ${arm.ip}:1234 ${words}`);
      gate.open();
      expect((await first).problem).toMatchObject({ code: "node-failed", facts: { nodes: arm.endpoint, platforms: "linux/arm64" } });
      await back();
      const second = await built(request);
      expect(second.problem).toBeUndefined();
      expect(second.cached.filter((name) => name.startsWith(`[${amd.ip} linux/amd64 3/3]`))).toHaveLength(1);
    });
  });

  test("a program that fails on one node only is its failure, with its place, and the other's work is kept", TIME, async () => {
    const context = app('test "$TARGETARCH" = amd64 || { echo no such thing; exit 3; }');
    const { problem } = await built(pushed(context));
    expect(problem).toMatchObject({ code: "run-failed", facts: { nodes: arm.endpoint, platforms: "linux/arm64", exitCode: 3 } });
    expect(problem?.message).toContain(`linux/arm64 on ${arm.endpoint}: `);
    expect((await built(pushed(context))).cached.filter((name) => name.startsWith(`[${amd.ip} linux/amd64 3/3]`))).toHaveLength(1);
  });

  test("who stops the build stops it on every node", TIME, async () => {
    const asked = Promise.all([gate.hold("/amd64"), gate.hold("/arm64")]);
    const stop = new AbortController();
    const going = built({ ...pushed(app()), signal: stop.signal });
    await asked;
    stop.abort(new Error("enough"));
    await expect(going).rejects.toThrow("enough");
    await gate.deserted();
  });

  describe("a builder of Buildx with two remote nodes", () => {
    let user: World;
    beforeAll(() => {
      const env = { BUILDX_CONFIG: mkdtempSync(join(net.folder, "users-")) };
      user = { ...world, env: { ...world.env, ...env } };
      const create = (...args: readonly string[]): string => run("docker", ["buildx", "create", "--name", "team", "--driver", "remote", ...args], { env });
      create("--node", "amd", "--platform", "linux/amd64", amd.endpoint);
      create("--append", "--node", "arm", "--platform", "linux/arm64", arm.endpoint);
    });
    const byTeam = (request: BuildRequest): BuildRequest => ({ ...request, nodes: [], builder: "team", platforms: ["linux/amd64,linux/arm64"] });

    test("each platform is built where it is native, though each node could build both", TIME, async () => {
      const { problem, events } = await built(byTeam(pushed(app())), user);
      expect(problem).toBeUndefined();
      expect([...askers()].sort()).toEqual([`/amd64 from ${amd.ip}`, `/arm64 from ${arm.ip}`]);
      expect(platformsOf(imageName())).toEqual(["amd64", "arm64"]);
      expect(events.flatMap((event) => (event.type === "vertex-started" ? [event.name] : []))).toEqual(
        expect.arrayContaining([expect.stringMatching(/^\[arm linux\/arm64 3\/3\] RUN/), expect.stringMatching(/^\[amd linux\/amd64 3\/3\] RUN/)]),
      );
    });

    test("one that does not answer is named, and the other's work is kept", TIME, async () => {
      const request = byTeam(pushed(app()));
      await arm.kill();
      const { problem } = await built(request, user);
      await arm.start();
      expect(problem).toMatchObject({ code: "node-failed", facts: { nodes: 'node "arm" of builder "team"', platforms: "linux/arm64" } });
      const second = await built(request, user);
      expect(second.problem).toBeUndefined();
      expect(second.cached.filter((name) => name.startsWith("[amd linux/amd64 3/3]"))).toHaveLength(1);
    });
  });

  test("nodes push by themselves: no layer comes here, and the caches of each are its own", TIME, async () => {
    const store = join(net.folder, "store-of-none");
    const cache = `${net.registry}/cache`;
    const request: BuildRequest = { ...pushed(app()), directPush: true, store, cacheTo: [`type=registry,ref=${cache}:{platform},mode=max`] };
    const { outcome, problem } = await built(request);
    expect(problem).toBeUndefined();
    expect(platformsOf(imageName())).toEqual(["amd64", "arm64"]);
    expect(["amd64", "arm64"].map((one) => fileOf(imageName(), one, "made").trim())).toEqual(["x86_64", "aarch64"]);
    const layers = (outcome?.images ?? []).flatMap((image) => image.layers.map(({ digest }) => digest.slice("sha256:".length)));
    expect(layers.filter((name) => blobsKept(store).has(name))).toEqual([]);
    expect(run("crane", ["ls", "--insecure", cache]).trim().split("\n").sort()).toEqual(["linux_amd64", "linux_arm64"]);
  });

  describe("a node that wants TLS", () => {
    let tls: string;
    beforeAll(async () => {
      tls = mkdtempSync(join(net.folder, "tls-"));
      const openssl = (...args: readonly string[]): string => run("openssl", args, { cwd: tls });
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"];
      for (const name of ["ca", "other"]) openssl("req", "-x509", ...key, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.pem`);
      const by = ["-CA", "ca.pem", "-CAkey", "ca.key"];
      openssl("req", "-x509", ...key, ...by, "-subj", "/CN=node", "-addext", `subjectAltName=IP:${arm.ip}`, "-keyout", "node.key", "-out", "node.pem");
      openssl("req", "-x509", ...key, ...by, "-subj", "/CN=user", "-keyout", "user.key", "-out", "user.pem");
      await arm.kill();
      const of = (name: string): string => join(tls, name);
      await arm.start(["--tlscacert", of("ca.pem"), "--tlscert", of("node.pem"), "--tlskey", of("node.key")]);
    }, 60_000);
    afterAll(async () => {
      await arm.kill();
      await arm.start();
    }, 60_000);

    const withTls = (query: string): Promise<Built> =>
      built({ ...pushed(app()), nodes: [`linux/amd64=${amd.endpoint}`, `linux/arm64=${arm.endpoint}${query}`] });

    test("gets it, with certificates relative to where one stands", TIME, async () => {
      const name = tls.slice(net.folder.length + 1);
      const { problem } = await withTls(`?cacert=${name}/ca.pem&cert=${name}/user.pem&key=${name}/user.key`);
      expect(problem).toBeUndefined();
      expect(platformsOf(imageName())).toEqual(["amd64", "arm64"]);
    });

    test.each([
      ["none is spoken", () => "", /TLS/],
      ["its certificate is not vouched for", () => `?cacert=${tls}/other.pem&cert=${tls}/user.pem&key=${tls}/user.key`, /do not agree about TLS|certificate/],
      ["it is given no certificate", () => `?cacert=${tls}/ca.pem`, /do not agree about TLS|another certificate/],
      ["the file is not there", () => `?cacert=${tls}/nobody.pem`, /certificates cannot be used/],
    ])("%s: is told so", TIME, async (_, query, words) => {
      const { problem } = await withTls(query());
      expect(problem).toMatchObject({ code: "node-failed", facts: { platforms: "linux/arm64" } });
      expect(problem?.message).toMatch(words);
    });
  });
});

peerSuite("a Docker on another machine, over ssh", ["registry", "buildkitd", "buildx", "docker-classic", "buildkit-image", "netns", "sshd"], () => {
  let net: NodeHosts;
  let host: SshHost;
  let world: World;
  const shown: string[] = [];

  beforeAll(async () => {
    net = await nodeHosts(1, []);
    host = await sshHost(net.home, 2222, sharedDocker("classic"));
    const { PATH, ...env } = peerEnvironment({ BUILDX_CONFIG: join(net.folder, "users-buildx") });
    world = { ...nodeWorld(), env: { ...env, PATH: `${host.client}:${PATH}` }, home: net.folder, cwd: net.folder };
    writeFileSync(join(net.folder, "Dockerfile"), "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /for-$TARGETARCH\n");
  }, 60_000);
  afterAll(async () => {
    // What Buildx started there stays for the next build; here there is none.
    const home = join(net.folder, "store", "buildx");
    for (const name of existsSync(join(home, "instances")) ? readdirSync(join(home, "instances")) : [])
      spawnSync("docker", ["buildx", "rm", "--force", name], { env: { ...world.env, BUILDX_CONFIG: home } });
    await host?.end();
    await net?.end();
  }, 60_000);

  const request = (address: string): BuildRequest => ({
    nodes: [`linux/amd64=${net.hosts[0]?.endpoint}`, `linux/arm64=${address}`],
    store: join(net.folder, "store"),
    outputs: [`type=oci,dest=${join(net.folder, "app.tar")}`],
    events: { emit: (event) => void (event.type === "vertex-started" && shown.push(event.name)) },
  });

  test("builds its platform, in a container that Buildx starts there", TIME, async () => {
    const { images } = await build(request(`${host.address}?network=host`), world);
    expect(images.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    expect(shown).toContain(`[${net.home} linux/arm64 1/1] COPY Dockerfile /for-arm64`);
  });

  test("a machine without such a server is told as ssh tells it", TIME, async () => {
    const address = host.address.replace(":2222", ":2223");
    await expect(build(request(address), world)).rejects.toMatchObject({
      code: "node-failed",
      message: `linux/arm64: "${address}" cannot be used as a node: ssh: connect to host ${net.home} port 2223: Connection refused`,
    });
  });
});
