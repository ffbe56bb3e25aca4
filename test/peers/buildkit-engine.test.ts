// Needs: docker-registry (base images and moby/buildkit), BuildKit, Docker with Buildx (containerd image store), QEMU for arm64
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildxProcess } from "../../src/adapters/node/buildx/buildx-process.ts";
import { temporaryFile } from "../../src/adapters/node/buildx/temporary-file.ts";
import { nodeClock } from "../../src/adapters/node/clock.ts";
import { openStore, type Store } from "../../src/adapters/node/store/store.ts";
import { formatPlatform, parsePlatform } from "../../src/core/platform.ts";
import { buildWithBuildkit } from "../../src/engine/buildkit/engine.ts";
import { pushWithBuildkit } from "../../src/engine/buildkit/push.ts";
import type { BuildkitBuilder, BuildkitRequest } from "../../src/engine/buildkit/request.ts";
import type { BuildResult, BuiltImage } from "../../src/engine/engine.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import { manifestsOf, rootOf } from "../../src/engine/output/result-images.ts";
import { type ByteStream, collect } from "../../src/image/blob-store.ts";
import { invariantsOf } from "../../src/image/invariants.ts";
import { indexLayer } from "../../src/image/layer.ts";
import { tarParser } from "../../src/image/tar/reader.ts";
import { decompress } from "../../src/image/unpack.ts";
import { baseReference, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { aBuildkitRequest } from "../harness/buildkit-request.ts";
import { tarOf } from "../harness/built-result.ts";
import { type OwnBuilder, ownBuilder, sharedDocker } from "../harness/peer-docker.ts";
import { peerSuite } from "./peer-suite.ts";

const BASE = baseReference("busybox");
// Without a bridge there is no other network.
const EMPTY = aBuildkitRequest(["linux/amd64", "linux/arm64"], { allow: ["network.host"], network: "host" });

/** A builder, and the environment of whoever uses it. */
interface Met {
  readonly builder: BuildkitBuilder;
  readonly env: NodeJS.ProcessEnv;
}

type Kind = "remote" | "docker-container" | "containerd store";
const KINDS: readonly Kind[] = ["remote", "docker-container", "containerd store"];

peerSuite("--engine buildkit", ["registry", "bases", "buildkitd", "buildx", "docker-containerd", "qemu"], () => {
  let folder: string;
  let store: Store;
  const made: OwnBuilder[] = [];
  const met = new Map<Kind, Met>();
  const unique = `${process.pid}-${Date.now()}`;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "multihull-engine-"));
    store = await openStore(join(folder, "store"));
    const version = /v(\d+\.\d+\.\d+)/.exec(execFileSync("docker", ["buildx", "version"], { env: peerEnvironment(), encoding: "utf8" }))?.[1];
    const onContainerd = peerEnvironment({ DOCKER_HOST: sharedDocker("containerd") });
    for (const driver of ["remote", "docker-container"] as const) {
      const own = await ownBuilder({ env: onContainerd, driver });
      made.push(own);
      met.set(driver, { env: own.env, builder: { name: own.name, shown: `builder "${own.name}"`, driver, buildx: version, env: {} } });
    }
    const config = join(folder, "buildx");
    mkdirSync(config);
    const env = { ...onContainerd, BUILDX_CONFIG: config };
    met.set("containerd store", { env, builder: { name: "default", shown: "the Docker daemon", driver: "docker", buildx: version, env: {} } });
  }, 120_000);
  afterAll(async () => {
    for (const own of made) await own.end();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  function contextOf(name: string, files: Readonly<Record<string, string>>): string {
    const context = mkdtempSync(join(folder, `${name}-`));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(context, path)), { recursive: true });
      writeFileSync(join(context, path), content);
    }
    return context;
  }

  async function build(kind: Kind, more: Partial<BuildkitRequest>, signal?: AbortSignal, onEvent: (event: BuildEvent) => void = () => undefined) {
    const { builder, env } = met.get(kind) as Met;
    const events: BuildEvent[] = [];
    const emit = (event: BuildEvent): void => {
      events.push(event);
      onEvent(event);
    };
    const result = await buildWithBuildkit({ ...EMPTY, ...more }, builder, {
      buildx: buildxProcess({ env, cwd: folder }),
      store: store.blobs,
      clock: nodeClock,
      events: { emit },
      ...(signal === undefined ? {} : { signal }),
    });
    expect(await invariantsOf(store.blobs, rootOf(result).descriptor)).toEqual([]);
    return { result, events };
  }

  async function fileOf(image: BuiltImage, path: string): Promise<string | undefined> {
    for (const layer of [...image.manifest.value.layers].reverse()) {
      let found: Buffer[] | undefined;
      const parser = tarParser({
        entry(entry) {
          if (entry.path !== path) return undefined;
          const parts: Buffer[] = [];
          found = parts;
          return (chunk) => parts.push(Buffer.from(chunk));
        },
      });
      for await (const chunk of decompress(store.blobs.open(layer.digest))) parser.write(chunk);
      if (found !== undefined) return Buffer.concat(found).toString();
    }
    return undefined;
  }
  const filesOf = async (result: BuildResult, path: string) =>
    Object.fromEntries(await Promise.all(result.images.map(async (image) => [formatPlatform(image.platform), await fileOf(image, path)] as const)));
  const cachedIn = (events: readonly BuildEvent[]): readonly string[] => events.flatMap((event) => (event.type === "vertex-cached" ? [event.name] : []));

  describe.each(KINDS)("%s", (kind) => {
    test("two platforms with RUN, arguments, labels, a target, a named context and annotations", async () => {
      const lib = contextOf("lib", { "of-lib": "of lib\n" });
      const context = contextOf("app", {
        "docker/app.Dockerfile": `FROM ${BASE} AS app\nARG WORD TARGETARCH\nCOPY --from=lib of-lib /\nRUN echo "$WORD $TARGETARCH $(uname -m)" > /made\nFROM app AS never\nRUN false\n`,
      });
      const { result, events } = await build(kind, {
        context,
        file: join(context, "docker/app.Dockerfile"),
        target: "app",
        buildArgs: [`WORD=two words ${unique}`],
        buildContexts: [`lib=${lib}`],
        labels: ["of=us, and $HOME"],
        packing: {
          ...EMPTY.packing,
          annotations: [
            { at: "manifest", key: "on.manifest", value: "a, b=c" },
            { at: "index", key: "on.index", value: "1" },
            { at: "manifest-descriptor", platform: parsePlatform("linux/arm64"), key: "on.entry", value: "2" },
            { at: "index-descriptor", key: "on.root", value: "3" },
          ],
        },
      });
      expect(await filesOf(result, "made")).toEqual({
        "linux/amd64": `two words ${unique} amd64 x86_64\n`,
        "linux/arm64": `two words ${unique} arm64 aarch64\n`,
      });
      expect(await filesOf(result, "of-lib")).toEqual({ "linux/amd64": "of lib\n", "linux/arm64": "of lib\n" });
      expect(result.images.map(({ config }) => config.config?.Labels)).toEqual([{ of: "us, and $HOME" }, { of: "us, and $HOME" }]);
      expect(result.images.map(({ manifest }) => manifest.value.annotations)).toEqual([{ "on.manifest": "a, b=c" }, { "on.manifest": "a, b=c" }]);
      expect(result.index?.value.annotations).toEqual({ "on.index": "1" });
      expect(result.index?.descriptor.annotations).toEqual({ "on.root": "3" });
      expect(result.index?.value.manifests.map(({ annotations }) => annotations)).toEqual([undefined, { "on.entry": "2" }]);
      expect(result.attestations).toEqual([]);
      expect(events.some((event) => event.type === "vertex-started" && event.name.includes("RUN"))).toBe(true);
      expect(events.filter(({ type }) => type === "vertex-failed")).toEqual([]);
    }, 120_000);

    test("one platform is a bare manifest", async () => {
      const { result } = await build(kind, {
        platforms: [parsePlatform("linux/arm64")],
        context: contextOf("one", { Dockerfile: `FROM ${BASE}\nCOPY Dockerfile /\n` }),
      });
      expect([result.index, result.images.map(({ platform }) => formatPlatform(platform))]).toEqual([undefined, ["linux/arm64"]]);
    }, 60_000);

    test("secrets of a file and of the environment, and an agent; the values are nowhere", async () => {
      const [inFile, inEnvironment] = [`sesame-${unique}-file`, `sesame-${unique}-environment`];
      const context = contextOf("secret", {
        Dockerfile: `FROM ${BASE}\nRUN --mount=type=secret,id=f --mount=type=secret,id=e,env=E --mount=type=ssh test -S "$SSH_AUTH_SOCK" && wc -c < /run/secrets/f > /size && printf %s "$E" | wc -c >> /size\n`,
      });
      const secret = join(contextOf("kept", { token: inFile }), "token");
      const socket = join(folder, `agent-${KINDS.indexOf(kind)}`);
      const agent = createServer((client) => client.end()).listen(socket);
      try {
        const { builder, env } = met.get(kind) as Met;
        const events: BuildEvent[] = [];
        const result = await buildWithBuildkit(
          { ...EMPTY, context, secrets: [`id=f,src=${secret}`, "id=e,env=SESAME"], ssh: [`default=${socket}`], noCache: true, provenance: "mode=max" },
          builder,
          {
            buildx: buildxProcess({ env: { ...env, SESAME: inEnvironment }, cwd: folder }),
            store: store.blobs,
            clock: nodeClock,
            events: { emit: (event) => void events.push(event) },
          },
        );
        const size = `${inFile.length}\n${inEnvironment.length}\n`;
        expect(await filesOf(result, "size")).toEqual({ "linux/amd64": size, "linux/arm64": size });
        const said = JSON.stringify(events, (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value));
        const held = [said, ...(await contentsOf(result))];
        for (const value of [inFile, inEnvironment]) expect(held.filter((text) => text.includes(value))).toEqual([]);
      } finally {
        agent.close();
      }
    }, 120_000);

    test("a Dockerfile from stdin, and a whole context", async () => {
      const context = contextOf("stdin", { word: `one ${unique}\n` });
      const platforms = [parsePlatform("linux/amd64")];
      const file = await build(kind, { platforms, context, file: "-", stdin: () => one(Buffer.from(`FROM ${BASE}\nCOPY word /\n`)) });
      expect(await filesOf(file.result, "word")).toEqual({ "linux/amd64": `one ${unique}\n` });
      const rows = [
        { path: "Dockerfile", content: `FROM ${BASE}\nCOPY word /\n` },
        { path: "word", content: `two ${unique}\n` },
      ];
      const whole = await build(kind, { platforms, context: "-", stdin: () => one(tarOf(rows)) });
      expect(await filesOf(whole.result, "word")).toEqual({ "linux/amd64": `two ${unique}\n` });
    }, 60_000);

    test("caches in a folder and on a registry are written, and read by another builder", async () => {
      const other = KINDS[(KINDS.indexOf(kind) + 1) % KINDS.length] as Kind;
      const local = join(folder, `cache-${KINDS.indexOf(kind)}`);
      for (const [to, from] of [
        [`type=local,dest=${local},mode=max`, `type=local,src=${local}`],
        [
          `type=registry,ref=${REGISTRY}/caches/engine-${unique}:${KINDS.indexOf(kind)},mode=max`,
          `type=registry,ref=${REGISTRY}/caches/engine-${unique}:${KINDS.indexOf(kind)}`,
        ],
      ] as const) {
        const context = contextOf("cache", { Dockerfile: `FROM ${BASE}\nRUN echo ${to.slice(0, 12)} ${kind} ${unique} > /made\n` });
        await build(kind, { context, cacheTo: [to] });
        const { events } = await build(other, { context, cacheFrom: [from] });
        expect(cachedIn(events).filter((name) => name.includes("RUN"))).toHaveLength(2);
      }
    }, 240_000);

    test("provenance is made when asked for, and kept", async () => {
      const context = contextOf("provenance", { Dockerfile: `FROM ${BASE}\nCOPY Dockerfile /\n` });
      const { result } = await build(kind, { context, provenance: "mode=max" });
      expect(result.images.map(({ platform }) => formatPlatform(platform))).toEqual(["linux/amd64", "linux/arm64"]);
      expect(result.attestations.map(({ descriptor }) => descriptor.annotations?.["vnd.docker.reference.digest"])).toEqual(
        result.images.map(({ manifest }) => manifest.descriptor.digest),
      );
      const alone = await build(kind, { context, platforms: [parsePlatform("linux/amd64")], attest: ["type=provenance,mode=min"] });
      expect([alone.result.images.length, alone.result.attestations.length, alone.result.index?.value.manifests.length]).toEqual([1, 1, 2]);
    }, 120_000);

    test("compression, media types and an epoch", async () => {
      const context = contextOf("packing", { Dockerfile: `FROM ${BASE}\nCOPY word /\nRUN echo ${unique} > /made\n`, word: "x" });
      const zstd = await build(kind, { context, packing: { ...EMPTY.packing, layers: { compression: "zstd", force: true, level: 3 } } });
      expect(new Set(zstd.result.images.flatMap(({ manifest }) => manifest.value.layers.map(({ mediaType }) => mediaType)))).toEqual(
        new Set(["application/vnd.oci.image.layer.v1.tar+zstd"]),
      );
      const docker = await build(kind, { context, packing: { ...EMPTY.packing, ociMediaTypes: false } });
      expect(docker.result.images.map(({ manifest }) => manifest.value.mediaType)).toEqual(
        Array(2).fill("application/vnd.docker.distribution.manifest.v2+json"),
      );
      const dated = await build(kind, { context, env: { SOURCE_DATE_EPOCH: "1600000000" }, noCache: true });
      expect(dated.result.images.map(({ config }) => config.created)).toEqual(Array(2).fill("2020-09-13T12:26:40Z"));
      for (const image of dated.result.images) {
        for (const layer of image.manifest.value.layers.slice(-2)) {
          const { entries } = await indexLayer(store.blobs, layer);
          expect(entries.filter(({ mtime }) => mtime > 1_600_000_000)).toEqual([]);
        }
      }
    }, 180_000);

    test("a program that fails", async () => {
      const context = contextOf("failing", { Dockerfile: `FROM ${BASE}\nRUN echo so it went ${unique}; exit 7\n` });
      const events: BuildEvent[] = [];
      await expect(build(kind, { context, platforms: [parsePlatform("linux/amd64")] }, undefined, (event) => void events.push(event))).rejects.toMatchObject({
        name: "ProblemError",
        code: "run-failed",
        message: expect.stringContaining("7"),
      });
      expect(events.filter(({ type }) => type === "vertex-failed")).toHaveLength(1);
    }, 60_000);

    test("calling off midway ends the process", async () => {
      const context = contextOf("slow", { Dockerfile: `FROM ${BASE}\nRUN echo going; sleep 600\n` });
      const stop = new AbortController();
      const reason = new Error("called off");
      const stopped = build(kind, { context, noCache: true, platforms: [parsePlatform("linux/amd64")] }, stop.signal, (event) => {
        if (event.type === "vertex-output") stop.abort(reason);
      });
      await expect(stopped).rejects.toBe(reason);
      expect(commandLines().filter((line) => line.includes(context))).toEqual([]);
    }, 60_000);
  });

  test.each(["remote", "docker-container"] as const)(
    "%s pushes by itself, by digest",
    async (kind) => {
      const { builder, env } = met.get(kind) as Met;
      const context = contextOf("push", { Dockerfile: `FROM ${BASE}\nCOPY Dockerfile /\nLABEL of=${kind}-${unique}\n` });
      const repository = `engine/pushed-${unique}-${kind}`;
      const pushed = await pushWithBuildkit(
        { ...EMPTY, context },
        builder,
        { names: [`${REGISTRY}/${repository}`], insecure: true, byDigest: true },
        {
          buildx: buildxProcess({ env, cwd: folder }),
          clock: nodeClock,
          events: { emit: () => undefined },
          temporaryFile: () => temporaryFile(folder),
        },
      );
      const found = await fetch(`http://${REGISTRY}/v2/${repository}/manifests/${pushed.digest}`, {
        method: "HEAD",
        headers: { accept: String(pushed.descriptor?.mediaType) },
      });
      expect([found.status, found.headers.get("docker-content-digest"), Number(found.headers.get("content-length"))]).toEqual([
        200,
        pushed.digest,
        pushed.descriptor?.size,
      ]);
      const tags = await fetch(`http://${REGISTRY}/v2/${repository}/tags/list`);
      expect(((await tags.json()) as { tags?: readonly string[] | null }).tags ?? []).toEqual([]);
      expect(readdirSync(folder).filter((name) => name.startsWith("multihull-buildx-"))).toEqual([]);
    },
    60_000,
  );

  /** Everything that a result holds, unpacked. */
  async function contentsOf(result: BuildResult): Promise<readonly string[]> {
    const texts: string[] = [];
    for (const manifest of manifestsOf(result)) {
      texts.push(Buffer.from(manifest.bytes).toString("latin1"));
      texts.push(Buffer.from(await collect(store.blobs.open(manifest.value.config.digest))).toString("latin1"));
      for (const layer of manifest.value.layers) {
        const packed = store.blobs.open(layer.digest);
        texts.push(Buffer.from(await collect(layer.mediaType.includes("tar") ? decompress(packed) : packed)).toString("latin1"));
      }
    }
    return texts;
  }
});

async function* one(bytes: Uint8Array): ByteStream {
  yield bytes;
}

/** Of all processes of this machine. */
function commandLines(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        // It has ended meanwhile.
        return "";
      }
    });
}
