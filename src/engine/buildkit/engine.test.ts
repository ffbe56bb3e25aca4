import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aBuildkitRequest } from "../../../test/harness/buildkit-request.ts";
import { builtResult } from "../../../test/harness/built-result.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { openStore } from "../../adapters/node/store/store.ts";
import { digestOf } from "../../core/digest.ts";
import { readArchiveStream } from "../../image/archive-stream.ts";
import { ociArchive } from "../../image/archive-write.ts";
import { type ByteStream, collect } from "../../image/blob-store.ts";
import { invariantsOf } from "../../image/invariants.ts";
import type { BuildEvent } from "../event.ts";
import { archivedRoot, blobsOf, rootOf } from "../output/result-images.ts";
import type { Buildx, BuildxProcess, BuildxRun } from "./buildx.ts";
import { buildWithBuildkit } from "./engine.ts";
import { pushWithBuildkit } from "./push.ts";
import type { BuildkitBuilder } from "./request.ts";

const CLOCK = { nowMs: () => 1_700_000_000_000, sleep: async () => undefined };
const BUILDER: BuildkitBuilder = { name: "team", shown: 'builder "team" (remote)', driver: "remote", buildx: "0.29.1", env: { BUILDX_CONFIG: "/private" } };
const REQUEST = aBuildkitRequest(["linux/amd64", "linux/arm64"], { env: { SOURCE_DATE_EPOCH: "1" } });
const VERTEX = { digest: digestOf("step"), name: "[linux/amd64 2/2] COPY a /", started: "2026-01-01T00:00:00Z" };

async function archive(): Promise<Buffer> {
  const result = await builtResult({ "linux/amd64": { layers: [[{ path: "a" }]] }, "linux/arm64": { layers: [[{ path: "b" }]] } });
  return Buffer.from(await collect(ociArchive([{ root: archivedRoot(result, 1, 0), names: [], blobs: blobsOf(result) }])));
}

type Ended = Awaited<BuildxProcess["ended"]>;

interface Script {
  readonly lines?: readonly object[];
  readonly words?: readonly string[];
  readonly stdout?: (run: BuildxRun) => ByteStream;
  readonly ended?: Ended;
}

/** A Buildx that does as it is told, and ends once its output was read or left, or it was called off. */
function scripted(script: Script): Buildx & { readonly calls: { readonly args: readonly string[]; readonly run: BuildxRun }[]; running: number } {
  const buildx = {
    calls: [] as { readonly args: readonly string[]; readonly run: BuildxRun }[],
    running: 0,
    build(args: readonly string[], run: BuildxRun): BuildxProcess {
      buildx.calls.push({ args, run });
      buildx.running++;
      let end = (): void => undefined;
      const left = new Promise<void>((done) => {
        end = done;
      });
      run.signal?.addEventListener("abort", end);
      async function* stdout(): ByteStream {
        try {
          for (const line of script.lines ?? []) run.onLine(JSON.stringify(line));
          for (const word of script.words ?? []) run.onLine(word);
          if (script.stdout !== undefined) yield* script.stdout(run);
        } finally {
          end();
        }
      }
      const ended = left.then((): Ended => {
        buildx.running--;
        return run.signal?.aborted ? { kind: "ended", status: 130 } : (script.ended ?? { kind: "ended", status: 0 });
      });
      return { stdout: stdout(), ended };
    },
  };
  return buildx;
}

function ports(buildx: Buildx, signal?: AbortSignal) {
  const events: BuildEvent[] = [];
  const store = memoryBlobStore();
  return {
    buildx,
    store,
    clock: CLOCK,
    events: { emit: (event: BuildEvent) => void events.push(event) },
    seen: events,
    ...(signal === undefined ? {} : { signal }),
  };
}

async function* whole(bytes: Uint8Array): ByteStream {
  for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000);
}

describe("a build", () => {
  test("takes what comes on stdout into the store and tells what it hears", async () => {
    const bytes = await archive();
    const buildx = scripted({ lines: [{ vertexes: [VERTEX] }, { vertexes: [{ ...VERTEX, completed: "2026-01-01T00:00:01Z" }] }], stdout: () => whole(bytes) });
    const given = ports(buildx);
    const result = await buildWithBuildkit(REQUEST, BUILDER, given);
    expect(result.images.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
    expect(await invariantsOf(given.store, rootOf(result).descriptor)).toEqual([]);
    expect(given.seen.map(({ type }) => type)).toEqual(expect.arrayContaining(["vertex-started", "vertex-done"]));
    expect(buildx.calls[0]?.run.env).toEqual({ SOURCE_DATE_EPOCH: "1", BUILDX_CONFIG: "/private" });
    expect(buildx.calls[0]?.args).toEqual(expect.arrayContaining(["--builder", "team", "type=oci,dest=-,rewrite-timestamp=true"]));
    expect(buildx.running).toBe(0);
  });

  test("what came is safe from pruning while the store is open, and content nobody refers to afterwards", async () => {
    const folder = mkdtempSync(join(tmpdir(), "multihull-engine-test-"));
    try {
      const bytes = await archive();
      const before = await openStore(folder);
      // One of its blobs was there long ago.
      const early = await readArchiveStream(whole(bytes), before.blobs, "it");
      for (const { digest } of early) utimesSync(before.blobs.pathOf(digest), 1, 1);
      await before.close();
      const [mine, other] = [await openStore(folder), await openStore(folder)];
      let halfway = 0;
      const buildx = scripted({
        stdout: async function* () {
          for await (const chunk of whole(bytes)) {
            yield chunk;
            if (halfway++ === 5) await other.prune({ all: true });
          }
          await other.prune({ all: true });
        },
      });
      const result = await buildWithBuildkit(REQUEST, BUILDER, { ...ports(buildx), store: mine.blobs });
      await other.prune({ all: true });
      expect(await invariantsOf(mine.blobs, rootOf(result).descriptor)).toEqual([]);
      await mine.close();
      await other.close();
      const after = await openStore(folder);
      expect((await after.prune()).kept.blobs).toBe(0);
      await after.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("gives stdin to the process, opened anew for each", async () => {
    const bytes = await archive();
    let opened = 0;
    const got: string[] = [];
    const buildx = scripted({
      stdout: async function* (run) {
        got.push((await collect(run.stdin as ByteStream)).toString());
        yield* whole(bytes);
      },
    });
    const stdin = (): ByteStream => {
      opened++;
      return whole(Buffer.from("FROM scratch"));
    };
    await buildWithBuildkit({ ...REQUEST, context: "-", stdin }, BUILDER, ports(buildx));
    await buildWithBuildkit({ ...REQUEST, context: "-", stdin }, BUILDER, ports(buildx));
    expect([opened, got]).toEqual([2, ["FROM scratch", "FROM scratch"]]);
  });
});

describe("a failure", () => {
  const bad: readonly (readonly [name: string, script: (bytes: Buffer) => Script, code: string])[] = [
    ["there is no docker", () => ({ ended: { kind: "missing" } }), "buildx-unavailable"],
    ["docker cannot be started", () => ({ ended: { kind: "unstartable", why: "EACCES" } }), "buildx-unavailable"],
    [
      "the output is cut off with the process: the process says why",
      (bytes) => ({
        stdout: () => whole(bytes.subarray(0, 2000)),
        words: ["ERROR: failed to build: something nobody knows"],
        ended: { kind: "ended", status: 1 },
      }),
      "buildkit-failed",
    ],
    ["the output is cut off and the process is content", (bytes) => ({ stdout: () => whole(bytes.subarray(0, 2000)) }), "layout-invalid"],
    ["nothing came and the process is content", () => ({}), "layout-invalid"],
    [
      "everything came, and then it failed",
      (bytes) => ({ stdout: () => whole(bytes), words: ["ERROR: failed to export the cache"], ended: { kind: "ended", status: 1 } }),
      "buildkit-failed",
    ],
  ];
  test.each(bad)("%s", async (_name, script, code) => {
    const buildx = scripted(script(await archive()));
    await expect(buildWithBuildkit(REQUEST, BUILDER, ports(buildx))).rejects.toMatchObject({ code });
    expect(buildx.running).toBe(0);
  });

  test("content that is not what it says ends the process", async () => {
    const bytes = await archive();
    const at = bytes.indexOf("blobs/sha256/") + 512;
    bytes[at] = (bytes[at] as number) ^ 1;
    let went = 0;
    const buildx = scripted({
      stdout: async function* () {
        for await (const chunk of whole(bytes)) yield chunk;
        for (;;) {
          went++;
          yield Buffer.alloc(1000);
        }
      },
    });
    const given = ports(buildx);
    await expect(buildWithBuildkit(REQUEST, BUILDER, given)).rejects.toMatchObject({ code: expect.stringMatching(/digest-mismatch|layout-invalid/) });
    expect([buildx.calls[0]?.run.signal?.aborted, buildx.running, went]).toEqual([true, 0, 0]);
  });

  test("stdin that cannot be read ends the process, and is what is told", async () => {
    const buildx = scripted({
      stdout: async function* (run) {
        await collect(run.stdin as ByteStream).catch(() => undefined);
        yield Buffer.alloc(0);
      },
    });
    async function* broken(): ByteStream {
      yield Buffer.from("FROM");
      throw new Error("the pipe broke");
    }
    await expect(buildWithBuildkit({ ...REQUEST, context: "-", stdin: broken }, BUILDER, ports(buildx))).rejects.toThrow("the pipe broke");
    expect(buildx.running).toBe(0);
  });

  test("a Buildx that is too old is never started", async () => {
    const buildx = scripted({});
    await expect(buildWithBuildkit(REQUEST, { ...BUILDER, buildx: "0.11.2" }, ports(buildx))).rejects.toMatchObject({
      code: "buildx-unavailable",
      facts: { found: "0.11.2", wanted: "0.12.0" },
    });
    expect(buildx.calls).toEqual([]);
  });
});

describe("calling off", () => {
  test("ends the process and throws the reason", async () => {
    const bytes = await archive();
    const stop = new AbortController();
    const reason = new Error("the user left");
    const buildx = scripted({
      stdout: async function* (run) {
        yield bytes.subarray(0, 2000);
        const aborted = new Promise((done) => run.signal?.addEventListener("abort", done));
        stop.abort(reason);
        await aborted;
      },
    });
    await expect(buildWithBuildkit(REQUEST, BUILDER, ports(buildx, stop.signal))).rejects.toBe(reason);
    expect(buildx.running).toBe(0);
  });

  test("before it began starts nothing", async () => {
    const buildx = scripted({});
    await expect(buildWithBuildkit(REQUEST, BUILDER, ports(buildx, AbortSignal.abort(new Error("gone"))))).rejects.toThrow("gone");
    expect(buildx.calls).toEqual([]);
  });
});

describe("pushing from the builder", () => {
  const DIGEST = digestOf("pushed");
  const target = { names: ["r.example/app"], insecure: false, byDigest: true };
  async function push(metadata: string | undefined, script: Script = {}) {
    const buildx = scripted(script);
    let removed = 0;
    const temporaryFile = async () => ({ path: "/tmp/metadata", read: async () => metadata, remove: async () => void removed++ });
    const done = await pushWithBuildkit(REQUEST, BUILDER, target, { ...ports(buildx), temporaryFile }).catch((error: unknown) => error);
    return { done, removed, args: buildx.calls[0]?.args };
  }

  test("tells the digest that Buildx wrote down", async () => {
    const descriptor = { mediaType: "application/vnd.oci.image.index.v1+json", digest: DIGEST, size: 7 };
    const { done, removed, args } = await push(JSON.stringify({ "containerimage.digest": DIGEST, "containerimage.descriptor": descriptor }));
    expect([done, removed]).toEqual([{ digest: DIGEST, descriptor }, 1]);
    expect(args).toEqual(expect.arrayContaining(["--metadata-file", "/tmp/metadata"]));
    expect(args?.find((arg) => arg.startsWith("type=image"))).toContain("push-by-digest=true");
  });

  test.each([
    ["no file", undefined],
    ["no JSON", "{"],
    ["no digest", "{}"],
    ["no sound digest", '{"containerimage.digest":"latest"}'],
  ])("%s", async (_name, metadata) => {
    const { done, removed } = await push(metadata);
    expect([done, removed]).toEqual([expect.objectContaining({ code: "buildkit-failed" }), 1]);
  });

  test("a push that failed leaves no file", async () => {
    const { done, removed } = await push("{}", { words: ["ERROR: nobody knows"], ended: { kind: "ended", status: 1 } });
    expect([done, removed]).toEqual([expect.objectContaining({ code: "buildkit-failed" }), 1]);
  });
});
