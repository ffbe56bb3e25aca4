import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { aBuildkitRequest } from "../../../test/harness/buildkit-request.ts";
import { builtResult } from "../../../test/harness/built-result.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { formatPlatform, parsePlatform } from "../../core/platform.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { ociArchive } from "../../image/archive-write.ts";
import type { BuildEvent } from "../event.ts";
import { archivedRoot, blobsOf } from "../output/result-images.ts";
import { buildShares, type Share } from "./build-shares.ts";
import type { Buildx, BuildxProcess } from "./buildx.ts";
import { type BuildkitPorts, buildWithBuildkit } from "./engine.ts";
import type { BuildkitRequest } from "./request.ts";

const REQUEST = aBuildkitRequest(["linux/amd64", "linux/arm64"]);

const share = (node: string, ...platforms: string[]): Share => ({
  kind: "node",
  node,
  short: node.slice("tcp://".length, -2),
  builder: async () => ({ name: node, shown: `node ${node}`, driver: "remote", buildx: undefined, env: {} }),
  platforms: platforms.map((text) => parsePlatform(text)),
});
const SHARES = [share("tcp://a:1", "linux/amd64"), share("tcp://b:1", "linux/arm64")];

const flagOf = (args: readonly string[], flag: string): string => args[args.indexOf(flag) + 1] ?? "";

type Node = (args: readonly string[], signal: AbortSignal | undefined) => BuildxProcess;

/** Nodes by the name of their builder. */
function fakeBuildx(nodes: Readonly<Record<string, Node>>): Buildx & { readonly asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  return {
    asked,
    build(args, { signal }) {
      asked.push(args);
      const node = nodes[flagOf(args, "--builder")];
      if (node === undefined) throw new Error("no such node");
      return node(args, signal);
    },
  };
}

/** Builds what it is asked for: a layer of its own and one that all platforms share. */
const works: Node = (args) => {
  const platforms = flagOf(args, "--platform").split(",");
  return {
    stdout: (async function* () {
      const shared = [{ path: "shared", content: "the same" }];
      const result = await builtResult(Object.fromEntries(platforms.map((name) => [name, { layers: [shared, [{ path: "own", content: name }]] }])));
      yield* ociArchive([{ root: archivedRoot(result, 0, 0), names: [], blobs: blobsOf(result) }]);
    })(),
    ended: Promise.resolve({ kind: "ended", status: 0 }),
  };
};

const fails: Node = () => ({ stdout: Readable.from([]), ended: Promise.resolve({ kind: "ended", status: 1 }) });

/** Hangs until it is ended. */
const hangs: Node = (_, signal) => {
  const over = new Promise<void>((done) => signal?.addEventListener("abort", () => done(), { once: true }));
  return {
    stdout: { [Symbol.asyncIterator]: () => ({ next: () => over.then(() => ({ done: true, value: undefined })) }) },
    ended: over.then(() => ({ kind: "ended", status: 130 })),
  };
};

function built(
  buildx: Buildx,
  shares: readonly Share[] = SHARES,
  request: Partial<BuildkitRequest> = {},
  signal?: AbortSignal,
  heard: (event: BuildEvent) => void = () => {},
) {
  const events: BuildEvent[] = [];
  const store = memoryBlobStore();
  const ports: BuildkitPorts = {
    buildx,
    store,
    clock: { nowMs: () => 0, sleep: async () => {} },
    events: {
      emit(event) {
        events.push(event);
        heard(event);
      },
    },
    ...(signal === undefined ? {} : { signal }),
  };
  return { events, store, result: buildShares({ ...REQUEST, ...request }, shares, ports, { one: buildWithBuildkit, blobs: () => store }) };
}

const problemOf = async (result: Promise<unknown>) => {
  const error = await result.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!isProblem(error)) throw error;
  return error;
};

test("each node builds its platforms; the index has them in the order asked for, and a layer they share is one", async () => {
  const buildx = fakeBuildx({ "tcp://a:1": works, "tcp://b:1": works });
  const { images, index } = await built(buildx, [...SHARES].reverse()).result;
  expect(buildx.asked.map((args) => flagOf(args, "--platform")).sort()).toEqual(["linux/amd64", "linux/arm64"]);
  expect(index?.value.manifests.map(({ platform }) => platform && formatPlatform(platform))).toEqual(["linux/amd64", "linux/arm64"]);
  expect(images.map(({ manifest }) => manifest.value.layers[0]?.digest)).toEqual([
    images[0]?.manifest.value.layers[0]?.digest,
    images[0]?.manifest.value.layers[0]?.digest,
  ]);
  expect(images[0]?.manifest.value.layers[1]?.digest).not.toBe(images[1]?.manifest.value.layers[1]?.digest);
});

test("annotations of the index are ours to make; those of manifests go to the node that builds the platform", async () => {
  const buildx = fakeBuildx({ "tcp://a:1": works, "tcp://b:1": works });
  const [amd64] = REQUEST.platforms;
  const annotations = [
    { at: "index", key: "i", value: "1" },
    { at: "manifest-descriptor", key: "d", value: "2" },
    { at: "manifest", key: "m", value: "3" },
    { at: "manifest", key: "a", value: "4", ...(amd64 === undefined ? {} : { platform: amd64 }) },
  ] as const;
  const { index } = await built(buildx, SHARES, { packing: { ...REQUEST.packing, annotations } }).result;
  expect(index?.value.annotations).toEqual({ i: "1" });
  expect(index?.value.manifests.map((one) => one.annotations)).toEqual([{ d: "2" }, { d: "2" }]);
  const given = buildx.asked.map((args) => args.filter((_, i) => args[i - 1] === "--annotation"));
  expect(given).toEqual([["manifest:m=3", "manifest[linux/amd64]:a=4"], ["manifest:m=3"]]);
});

describe("a node that fails", () => {
  test("is named with its platforms; what the other made is in the store", async () => {
    const { result, store } = built(fakeBuildx({ "tcp://a:1": works, "tcp://b:1": fails }));
    const problem = await problemOf(result);
    expect(problem.message).toMatch(/^linux\/arm64 on tcp:\/\/b:1: /);
    expect(problem.hint).toMatch(/what the other nodes made is kept/);
    expect(problem.facts).toMatchObject({ nodes: "tcp://b:1", platforms: "linux/arm64" });
    const made = await builtResult({ "linux/amd64": { layers: [[{ path: "shared", content: "the same" }]] } });
    const [layer] = made.images[0]?.manifest.value.layers ?? [];
    expect(layer && (await store.stat(layer.digest))).toBe(layer?.size);
  });

  test("all of them are named", async () => {
    const problem = await problemOf(built(fakeBuildx({ "tcp://a:1": fails, "tcp://b:1": fails })).result);
    expect(problem.message.split("\n").map((line) => line.replace(/:[^:]*$/s, ""))).toHaveLength(2);
    expect(problem.facts).toMatchObject({ nodes: "tcp://a:1,tcp://b:1", platforms: "linux/amd64,linux/arm64" });
    expect(problem.hint ?? "").not.toMatch(/is kept/);
  });

  test("one that is cut off is given up when its watch says so, and only that one", async () => {
    const [a, b] = SHARES as [Share, Share];
    const problem = await problemOf(
      built(fakeBuildx({ "tcp://a:1": works, "tcp://b:1": hangs }), [a, { ...b, watch: async () => "b:1 does not answer" }]).result,
    );
    expect({ code: problem.code, message: problem.message }).toEqual({
      code: "node-failed",
      message: "linux/arm64 on tcp://b:1: the node is lost: b:1 does not answer",
    });
  });

  test("one that cannot even be made ready is told while the others work, and they go on", async () => {
    const [a, b] = SHARES as [Share, Share];
    let goOn = (): void => {};
    const told = new Promise<void>((done) => {
      goOn = done;
    });
    const waits: Node = (args, signal) => {
      const { stdout, ended } = works(args, signal);
      return {
        ended,
        stdout: (async function* () {
          await told;
          yield* stdout;
        })(),
      };
    };
    const refuse = async (): Promise<never> => {
      throw new ProblemError("node-failed", { message: "no such host", hint: "look" });
    };
    const { result, events, store } = built(fakeBuildx({ "tcp://a:1": waits }), [a, { ...b, builder: refuse }], {}, undefined, (event) => {
      if (event.type === "warning") goOn();
    });
    expect(await problemOf(result)).toMatchObject({ code: "node-failed", message: "linux/arm64 on tcp://b:1: no such host" });
    expect(events).toContainEqual({ type: "warning", message: "linux/arm64 on tcp://b:1: no such host; the other nodes go on", atMs: 0 });
    const made = await builtResult({ "linux/amd64": { layers: [[{ path: "shared", content: "the same" }]] } });
    const [layer] = made.images[0]?.manifest.value.layers ?? [];
    expect(layer && (await store.stat(layer.digest))).toBe(layer?.size);
  });

  test("one whose failure names it already is not named twice", async () => {
    const [a, b] = SHARES as [Share, Share];
    const refuse = async (): Promise<never> => {
      throw new ProblemError("builder-unusable", { message: "node tcp://b:1 does not answer" });
    };
    const problem = await problemOf(built(fakeBuildx({ "tcp://a:1": works }), [a, { ...b, builder: refuse }]).result);
    expect(problem).toMatchObject({ code: "node-failed", message: "linux/arm64: node tcp://b:1 does not answer" });
  });

  test.each([
    ["a node, alone, is named and lost as a node", "node", { code: "node-failed", message: "linux/amd64 on tcp://a:1: no answer" }],
    ["a builder, alone, fails in its own words", "builder", { code: "builder-unusable", message: "no answer" }],
  ] as const)("%s", async (_, kind, wanted) => {
    const refuse = async (): Promise<never> => {
      throw new ProblemError("builder-unusable", { message: "no answer" });
    };
    expect(await problemOf(built(fakeBuildx({}), [{ ...share("tcp://a:1", "linux/amd64"), kind, builder: refuse }]).result)).toMatchObject(wanted);
  });

  test("a watch is over when the build is", async () => {
    const [a, b] = SHARES as [Share, Share];
    let over = false;
    const watch = (signal: AbortSignal) =>
      new Promise<string>(() => {
        signal.addEventListener("abort", () => {
          over = true;
        });
      });
    await built(fakeBuildx({ "tcp://a:1": works, "tcp://b:1": works }), [{ ...a, watch }, b]).result;
    expect(over).toBe(true);
  });
});

test("who stops the build stops every node, and hears no node's complaint", async () => {
  const stop = new AbortController();
  const { result } = built(fakeBuildx({ "tcp://a:1": hangs, "tcp://b:1": hangs }), SHARES, {}, stop.signal);
  stop.abort(new Error("enough"));
  await expect(result).rejects.toThrow("enough");
});

describe("caches of several nodes", () => {
  test("one name for all is refused before anything is done", async () => {
    const buildx = fakeBuildx({});
    const problem = await problemOf(built(buildx, SHARES, { cacheTo: ["type=registry,ref=r/cache"] }).result);
    expect({ code: problem.code, asked: buildx.asked }).toEqual({ code: "usage", asked: [] });
  });

  test("{platform} makes one for each; inline caches lie in the images", async () => {
    const buildx = fakeBuildx({ "tcp://a:1": works, "tcp://b:1": works });
    await built(buildx, SHARES, { cacheTo: ["type=inline", "type=registry,ref=r/cache:{platform}"], cacheFrom: ["type=registry,ref=r/cache:{platform}"] })
      .result;
    expect(buildx.asked.map((args) => args.filter((_, i) => args[i - 1] === "--cache-to" || args[i - 1] === "--cache-from"))).toEqual([
      ["type=registry,ref=r/cache:linux_amd64", "type=inline", "type=registry,ref=r/cache:linux_amd64"],
      ["type=registry,ref=r/cache:linux_arm64", "type=inline", "type=registry,ref=r/cache:linux_arm64"],
    ]);
  });
});
