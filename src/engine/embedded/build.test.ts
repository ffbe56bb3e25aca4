import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  bench,
  CLOCK_MS,
  CONTEXT,
  copyVertex,
  FILE_TIME,
  fetchedFile,
  filesIn,
  filesOf,
  memoryContext,
  planFor,
  type Spec,
  workdirVertex,
} from "../../../test/harness/memory-build.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { parsePlatform } from "../../core/platform.ts";
import { isProblem } from "../../core/problem.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { LayerEntry } from "../../image/entry.ts";
import { invariantsOf } from "../../image/invariants.ts";
import { TAR_END, tarHeader, tarPad } from "../../image/tar/writer.ts";
import type { CopySource, HttpVertex, RunVertex } from "../../plan/graph.ts";

const AMD64 = "linux/amd64";
const ARM64 = "linux/arm64";
const NOW = CLOCK_MS / 1000;

async function problemOf(act: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isProblem(error)) throw new Error(`no problem but ${String(error)}`);
  return { code: error.code, message: error.message };
}

/** A tar archive of these entries. */
function tarOf(entries: readonly (Partial<LayerEntry> & { readonly path: string; readonly content?: string })[]): Buffer {
  const blocks = entries.flatMap(({ content = "", ...rest }) => {
    const bytes = Buffer.from(content);
    const entry: LayerEntry = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 1000, ...rest, size: bytes.byteLength };
    return [tarHeader(entry), bytes, tarPad(bytes.byteLength)];
  });
  return Buffer.concat([...blocks, TAR_END]);
}

/** A zstd frame of one raw block (RFC 8878): no checksum, no content size, a window of 1 MiB. */
function storedZstd(bytes: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50, 0, 0, 0]);
  header.writeUIntLE((bytes.byteLength << 3) | 1, 6, 3);
  return Buffer.concat([header, bytes]);
}

describe("one platform upon scratch", () => {
  test("its descriptor tells the platform", async () => {
    const result = await bench().build(planFor([{ platform: "linux/arm/v7", layers: [] }]));
    expect(result.images[0]?.manifest.descriptor.platform).toEqual({ os: "linux", architecture: "arm", variant: "v7" });
  });

  test("a file is copied with its mode and time, folders above it are new", async () => {
    const b = bench();
    const plan = planFor([{ platform: AMD64, layers: [copyVertex("/opt/bin/", ["/app"])] }]);
    const result = await b.build(plan, memoryContext({ app: { content: "program", mode: 0o755 } }));
    expect(await filesIn(result)).toEqual([`opt d755 0:0 ${NOW}`, `opt/bin d755 0:0 ${NOW}`, `opt/bin/app -755 0:0 ${FILE_TIME} program`]);
    expect(result.index).toBeUndefined();
  });

  test("config and history tell of it as BuildKit does", async () => {
    const b = bench();
    const result = await b.build(planFor([{ platform: AMD64, layers: [copyVertex("/a", ["/a"])] }]), memoryContext({ a: "" }));
    const [image] = result.images;
    expect(image?.config).toMatchObject({
      architecture: "amd64",
      os: "linux",
      created: "2023-11-14T22:13:20Z",
      history: [{ created: "2023-11-14T22:13:20Z", created_by: "COPY /a /a", comment: "buildkit.dockerfile.v0" }],
    });
    expect(image?.config.rootfs.diff_ids).toHaveLength(1);
    expect(await invariantsOf(result.blobs, image!.manifest.descriptor)).toEqual([]);
  });

  test("a step that changes nothing makes an empty layer", async () => {
    const b = bench();
    const result = await b.build(planFor([{ platform: AMD64, layers: [workdirVertex("/a"), workdirVertex("/a/.")] }]));
    expect(await filesIn(result)).toEqual([`a d755 0:0 ${NOW}`]);
    expect(result.images[0]?.manifest.value.layers).toHaveLength(2);
  });

  test("Docker's media types, for config, manifest and layers", async () => {
    const b = bench();
    const result = await b.build(planFor([{ platform: AMD64, layers: [workdirVertex("/a")] }]), undefined, { ociMediaTypes: false });
    const { manifest } = result.images[0]!;
    expect([manifest.value.mediaType, manifest.value.config.mediaType, manifest.value.layers[0]?.mediaType]).toEqual([
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.docker.container.image.v1+json",
      "application/vnd.docker.image.rootfs.diff.tar.gzip",
    ]);
  });
});

describe("two platforms upon bases", () => {
  test("one layer is made for both, the bases stay where they are", async () => {
    const b = bench();
    const base = { "usr/bin/sh": "shell", "etc/passwd": "root:x:0:0::/:/bin/sh\n" };
    const amd64 = await b.registry.image(AMD64, [base, { "lib/amd": "1" }]);
    const arm64 = await b.registry.image(ARM64, [base, { "lib/arm": "1" }]);
    const layers = [workdirVertex("/app"), copyVertex("/app/", ["/"])];
    const context = memoryContext({ "a.txt": "a", "b/c.txt": "c" });
    const plan = planFor([
      { platform: AMD64, base: amd64.vertex, layers },
      { platform: ARM64, base: arm64.vertex, layers },
    ]);
    const result = await b.build(plan, context);
    expect(context.opened).toEqual(["a.txt", "b/c.txt"]);
    expect(b.made().sort()).toEqual(["COPY / /app/", amd64.vertex.name, arm64.vertex.name, "WORKDIR /app", "load build context"].sort());
    const [first, second] = result.images;
    expect(first?.manifest.value.layers.slice(2)).toEqual(second?.manifest.value.layers.slice(2));
    expect(first?.manifest.value.layers.slice(0, 2)).toEqual(amd64.layers);
    expect(first?.origins.get(amd64.layers[1]!.digest)).toEqual([{ registry: "registry.test", repository: "base" }]);
    expect(result.index?.value.manifests.map(({ platform }) => platform)).toEqual([parsePlatform(AMD64), parsePlatform(ARM64)]);
    expect(await invariantsOf(result.blobs, result.index!.descriptor)).toEqual([]);
    expect(await filesIn(result, ARM64)).toContain(`app/b/c.txt -644 0:0 ${FILE_TIME} c`);
  });

  test("where the destination differs, each platform has its own layer", async () => {
    const b = bench();
    const amd64 = await b.registry.image(AMD64, [{ "srv/": { mode: 0o700 } }]);
    const arm64 = await b.registry.image(ARM64, [{ srv: { link: "data" }, "data/": {} }]);
    const layers = [copyVertex("/srv/", ["/a"])];
    const result = await b.build(
      planFor([
        { platform: AMD64, base: amd64.vertex, layers },
        { platform: ARM64, base: arm64.vertex, layers },
      ]),
      memoryContext({ a: "1" }),
    );
    expect(await filesIn(result, AMD64)).toEqual([`srv d700 0:0 ${NOW}`, `srv/a -644 0:0 ${FILE_TIME} 1`]);
    expect(await filesIn(result, ARM64)).toEqual([`data d755 0:0 ${NOW}`, `data/a -644 0:0 ${FILE_TIME} 1`, `srv l777 0:0 -> data ${FILE_TIME}`]);
  });

  test("a layer that two platforms share is packed once, though both ask at the same time", async () => {
    const b = bench();
    let running = 0;
    let most = 0;
    const context = memoryContext({ big: { content: Buffer.alloc(300_000, 1) } }, async () => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    const layers = [copyVertex("/big", ["/big"], { link: true })];
    await b.build(planFor([AMD64, ARM64, "linux/s390x"].map((platform) => ({ platform, layers }))), context);
    expect([context.opened, most]).toEqual([["big"], 1]);
    expect(b.events.filter((event) => event.type === "vertex-started" && event.vertex === layers[0]?.id)).toHaveLength(1);
  });

  test("a base is not pulled when nothing looks at it, and its layers come when they are opened", async () => {
    const b = bench();
    const { vertex, layers } = await b.registry.image(AMD64, [{ "etc/a": "1" }, { "etc/b": "2" }]);
    const result = await b.build(planFor([{ platform: AMD64, base: vertex, layers: [copyVertex("/x", ["/a"], { link: true })] }]), memoryContext({ a: "" }));
    expect(b.registry.pulled).toEqual([]);
    expect(b.cached()).toEqual([vertex.name]);
    expect(await result.blobs.stat(layers[0]!.digest)).toBe(layers[0]!.size);
    expect(await b.store.stat(layers[0]!.digest)).toBeUndefined();
    for await (const chunk of result.blobs.open(layers[0]!.digest)) expect(chunk.byteLength).toBeGreaterThan(0);
    expect(b.registry.pulled).toEqual([layers[0]!.digest]);
    expect(await b.store.stat(layers[0]!.digest)).toBe(layers[0]!.size);
  });

  test("a base is read once for all builds", async () => {
    const b = bench();
    const { vertex, layers } = await b.registry.image(AMD64, [{ "etc/a": "1" }]);
    for (const path of ["/etc/x", "/etc/y"]) await b.build(planFor([{ platform: AMD64, base: vertex, layers: [workdirVertex(path)] }]));
    expect(b.registry.pulled).toEqual([layers[0]!.digest]);
  });

  test("the history of the base comes first and stays", async () => {
    const b = bench();
    const { vertex } = await b.registry.image(AMD64, [{ a: "" }]);
    const result = await b.build(planFor([{ platform: AMD64, base: vertex, layers: [workdirVertex("/w")] }], { epoch: 1_000_000_000 }));
    expect(result.images[0]?.config.history?.map(({ created }) => created)).toEqual(["2020-01-01T00:00:00Z", "2001-09-09T01:46:40Z"]);
    expect(result.images[0]?.config.created).toBe("2001-09-09T01:46:40Z");
  });
});

describe("stages", () => {
  test("COPY --from takes owner, mode, time and content; a link in the stage stays inside it", async () => {
    const b = bench();
    const { vertex } = await b.registry.image(ARM64, [{ "bin/su": { content: "su", mode: 0o4755, uid: 1, gid: 2, mtime: 77 }, "etc/shadow": "theirs" }]);
    const stage = [copyVertex("/out/a", ["/a"], { owner: { user: "5" } }), copyVertex("/out/", ["/links"])];
    const from = filesOf(vertex, stage);
    const final = copyVertex("/x/", ["/out", "/bin/su", "/out/x"], { from });
    const result = await b.build(
      planFor([{ platform: AMD64, layers: [final] }], { others: [vertex, ...stage] }),
      memoryContext({ a: "1", "links/x": { link: "../../../etc/shadow" } }),
    );
    expect(await filesIn(result)).toEqual([`x d755 0:0 ${NOW}`, `x/a -644 5:5 ${FILE_TIME} 1`, "x/su -4755 1:2 77 su", `x/x -644 0:0 ${FILE_TIME} theirs`]);
  });

  test("what only others copy from is not packed, its files are read once", async () => {
    const b = bench();
    const stage = [copyVertex("/out/", ["/"]), workdirVertex("/out/w")];
    const final = copyVertex("/x/", ["/out"], { from: filesOf(undefined, stage) });
    const context = memoryContext({ a: "1", b: "2" });
    const result = await b.build(planFor([{ platform: AMD64, layers: [final] }], { others: stage }), context);
    expect(context.opened).toEqual(["a", "b"]);
    expect(b.events.flatMap((event) => (event.type === "transfer" && event.direction === "pack" ? [event.blob] : []))).toEqual([final.id]);
    expect(await filesIn(result)).toEqual([`x d755 0:0 ${NOW}`, `x/a -644 0:0 ${FILE_TIME} 1`, `x/b -644 0:0 ${FILE_TIME} 2`, `x/w d755 0:0 ${NOW}`]);
    b.clock.ms += 60_000;
    const again = await b.build(planFor([{ platform: AMD64, layers: [final] }], { others: stage }), memoryContext({ a: "1", b: "2" }));
    expect(again.images[0]?.manifest.descriptor).toEqual(result.images[0]?.manifest.descriptor);
  });

  test("one pass over a layer of a base, whatever is copied from it", async () => {
    const b = bench();
    const { vertex, layers } = await b.registry.image(AMD64, [{ a: "1", b: "2", c: "3" }]);
    const final = copyVertex("/x/", ["/c", "/a"], { from: filesOf(vertex, []) });
    const opened: string[] = [];
    const open = b.store.open.bind(b.store);
    b.store.open = (digest, range) => {
      opened.push(digest);
      return open(digest, range);
    };
    await b.build(planFor([{ platform: AMD64, layers: [final] }], { others: [vertex] }));
    expect(b.registry.pulled).toEqual([layers[0]!.digest]);
    expect(opened).toEqual([layers[0]!.digest]);
  });

  test("the same file twice, and as a hard link", async () => {
    const b = bench();
    const { vertex } = await b.registry.image(AMD64, [{ a: "1", b: { type: "hardlink", link: "a" } }]);
    const final = [copyVertex("/x/", ["/"], { from: filesOf(vertex, []) }), copyVertex("/y/a2", ["/b"], { from: filesOf(vertex, []) })];
    const result = await b.build(planFor([{ platform: AMD64, layers: final }], { others: [vertex] }));
    expect((await filesIn(result)).filter((line) => line.endsWith(" 1"))).toEqual([
      `x/a -644 0:0 ${FILE_TIME} 1`,
      `x/b -644 0:0 ${FILE_TIME} 1`,
      `y/a2 -644 0:0 ${FILE_TIME} 1`,
    ]);
  });
});

test("a stage may begin with the files of a context", async () => {
  const plan = planFor([{ platform: AMD64, layers: [copyVertex("/again", ["/a"])] }]);
  const [image] = plan.images;
  const upon = { ...plan, images: [{ ...image!, files: { ...image!.files, base: CONTEXT.id } }] };
  const b = bench();
  const result = await b.build(upon, memoryContext({ a: "1", "d/b": { content: "2", mode: 0o600 } }));
  expect(await filesIn(result)).toEqual([
    `a -644 0:0 ${FILE_TIME} 1`,
    `again -644 0:0 ${FILE_TIME} 1`,
    `d d755 0:0 ${FILE_TIME}`,
    `d/b -600 0:0 ${FILE_TIME} 2`,
  ]);
  expect(result.images[0]?.manifest.value.layers).toHaveLength(2);
});

describe("ADD", () => {
  const add = (context: Readonly<Record<string, Spec>>, more: Parameters<typeof copyVertex>[2] = {}, below: Readonly<Record<string, Spec>> = {}) => {
    const b = bench();
    return (async () => {
      const { vertex } = await b.registry.image(AMD64, [below]);
      return b.build(planFor([{ platform: AMD64, base: vertex, layers: [copyVertex("/x/", ["/f"], { unpack: true, ...more })] }]), memoryContext(context));
    })();
  };

  test("unpacks an archive: owners, modes, times and links are its own", async () => {
    const content = tarOf([
      { path: "d", type: "directory", mode: 0o700, mtime: 5 },
      { path: "d/f", content: "1", uid: 3, mtime: 6 },
      { path: "d/h", type: "hardlink", link: "d/f", uid: 4 },
      { path: "deep/er/f", content: "2", mtime: 7 },
      { path: "l", type: "symlink", mode: 0o777, link: "/d", mtime: 8 },
    ]);
    expect(await filesIn(await add({ f: { content } }))).toEqual([
      `x d755 0:0 ${NOW}`,
      "x/d d700 0:0 5",
      "x/d/f -644 4:0 1000 1",
      "x/d/h -644 4:0 1000 1",
      `x/deep d755 0:0 ${NOW}`,
      `x/deep/er d755 0:0 ${NOW}`,
      "x/deep/er/f -644 0:0 7 2",
      "x/l l777 0:0 -> /d 8",
    ]);
  });

  test("unpacks inside its destination only, and replaces what is in the way", async () => {
    const content = tarOf([
      { path: "l/f", content: "1" },
      { path: "dir", content: "file now" },
      { path: "file", type: "directory", mode: 0o755 },
      { path: "file/g", content: "2" },
    ]);
    const below = { "x/l": { link: "../../etc" }, "x/dir/old": "", "x/file": "", "etc/": {} };
    expect((await filesIn(await add({ f: { content } }, {}, below))).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "etc d755",
      "x d755",
      "x/dir -644",
      "x/etc d755",
      "x/etc/f -644",
      "x/file d755",
      "x/file/g -644",
      "x/l l777",
    ]);
  });

  test("a folder made anew in the place of one hides what that held", async () => {
    const content = tarOf([
      { path: "d", content: "for a moment" },
      { path: "d", type: "directory", mode: 0o755 },
      { path: "d/new", content: "" },
    ]);
    const files = await filesIn(await add({ f: { content } }, {}, { "x/d/old": "" }));
    expect(files.map((line) => line.split(" ")[0])).toEqual(["x", "x/d", "x/d/new"]);
  });

  test("unpacks what is compressed, by its first bytes", async () => {
    const tar = tarOf([{ path: "in", content: "side" }]);
    for (const content of [tar, gzipSync(tar), storedZstd(tar)]) expect(await filesIn(await add({ f: { content } }))).toContain("x/in -644 0:0 1000 side");
  });

  test.each([
    ["plain text", Buffer.from("plain text")],
    ["a gzip of text", gzipSync("text")],
    ["a zstd of text", storedZstd(Buffer.from("text"))],
    ["what only begins as a gzip", Buffer.from("1f8b0800ffff", "hex")],
    ["what only begins as zstd", Buffer.from("28b52ffdffff", "hex")],
    ["what only begins as a bzip2", Buffer.from("BZh91AY&SY")],
    ["what only begins as an xz", Buffer.from("fd377a585a000000", "hex")],
    ["an empty file", Buffer.of()],
  ])("copies %s as it is", async (_, content) => {
    const files = await filesIn(await add({ f: { content } }));
    expect(files).toContain(`x/f -644 0:0 ${FILE_TIME} ${content.toString()}`);
  });

  test("refuses an archive that escapes", async () => {
    const problem = await problemOf(add({ f: { content: tarOf([{ path: "../evil", content: "1" }]) } }));
    expect(problem.code).toMatch(/layer-invalid|path-escapes/);
  });

  test("a file from the web is 0600 and has the server's time", async () => {
    const web: HttpVertex = { kind: "http", id: "sha256:aa" as HttpVertex["id"], name: "web", platforms: [], url: "https://example.test/f" };
    const b = bench({ remote: { file: async ({ url }) => fetchedFile(url, 1234) } });
    const sources: readonly CopySource[] = [{ remote: web.id, name: "f", unpack: false }];
    const result = await b.build(planFor([{ platform: AMD64, layers: [copyVertex("/x/", [], { sources })] }], { others: [web] }));
    expect(await filesIn(result)).toEqual([`x d755 0:0 ${NOW}`, "x/f -600 0:0 1234 https://example.test/f"]);
  });
});

describe("the step cache", () => {
  const plan = planFor([{ platform: AMD64, layers: [copyVertex("/x/", ["/"])] }]);
  const FIRST: Readonly<Record<string, Spec>> = { a: { content: "1", mtime: FILE_TIME }, "d/b": "2" };
  const cases: readonly { name: string; later: Readonly<Record<string, Spec>>; hit: boolean }[] = [
    { name: "nothing changed", later: FIRST, hit: true },
    { name: "only a time changed", later: { ...FIRST, a: { content: "1", mtime: FILE_TIME + 9 } }, hit: true },
    { name: "content changed, the size did not", later: { ...FIRST, a: { content: "9", mtime: FILE_TIME } }, hit: false },
    { name: "size changed", later: { ...FIRST, a: { content: "11", mtime: FILE_TIME } }, hit: false },
    { name: "mode changed", later: { ...FIRST, a: { content: "1", mode: 0o755 } }, hit: false },
    { name: "owner changed", later: { ...FIRST, a: { content: "1", uid: 4 } }, hit: false },
    { name: "a file more", later: { ...FIRST, c: "" }, hit: false },
    { name: "a file less", later: { a: "1" }, hit: false },
    { name: "a link instead", later: { ...FIRST, a: { link: "d/b" } }, hit: false },
  ];
  for (const { name, later, hit } of cases) {
    test(`${name}: ${hit ? "hit" : "miss"}`, async () => {
      const b = bench();
      const first = await b.build(plan, memoryContext(FIRST));
      b.clock.ms += 60_000;
      const context = memoryContext(later);
      const second = await b.build(plan, context);
      expect(b.cached().includes("COPY / /x/")).toBe(hit);
      const [before, after] = [first, second].map((result) => result.images[0]?.manifest.descriptor.digest);
      if (hit) expect(after).toBe(before);
      else expect(after).not.toBe(before);
    });
  }

  test("what proves that nothing changed is read without opening a file", async () => {
    const b = bench();
    await b.build(plan, memoryContext(FIRST));
    const context = memoryContext(FIRST);
    await b.build(plan, context);
    expect(context.opened).toEqual([]);
  });

  test("a file that changed just before the build proves nothing", async () => {
    const b = bench();
    const fresh = { a: { content: "1", mtime: NOW } };
    await b.build(plan, memoryContext(fresh));
    const context = memoryContext(fresh);
    await b.build(plan, context);
    expect(context.opened).toEqual(["a"]);
    expect(b.cached()).toContain("COPY / /x/");
    b.clock.ms += 60_000;
    await b.build(plan, memoryContext(fresh));
    const later = memoryContext(fresh);
    await b.build(plan, later);
    expect(later.opened).toEqual([]);
  });

  test("after one file changed, the others are not read to know that they did not", async () => {
    const b = bench();
    const context = (a: string) => memoryContext({ a, b: "2", c: "3" });
    await b.build(plan, context("1"));
    await b.build(plan, context("4"));
    const third = context("5");
    await b.build(plan, third);
    // Once each to pack; to compare only the one that is new.
    expect(third.opened).toEqual(["a", "a", "b", "c"]);
  });

  test("an older result comes back when the content does", async () => {
    const b = bench();
    const digests: (string | undefined)[] = [];
    for (const content of ["1", "2", "1"]) {
      b.clock.ms += 60_000;
      const result = await b.build(plan, memoryContext({ a: content }));
      digests.push(result.images[0]?.manifest.descriptor.digest);
    }
    expect(digests[2]).toBe(digests[0]);
    expect(digests[1]).not.toBe(digests[0]);
  });

  test("another operation is another step, though it makes the same", async () => {
    const b = bench();
    await b.build(planFor([{ platform: AMD64, layers: [copyVertex("/x", ["/a"])] }]), memoryContext({ a: "1" }));
    await b.build(planFor([{ platform: AMD64, layers: [copyVertex("/x", ["/a"], { chmod: "0644" })] }]), memoryContext({ a: "1" }));
    expect(b.made()).toContain("COPY /a /x");
  });

  test("a layer that is gone, or of another size, is made again", async () => {
    const b = bench();
    const first = await b.build(plan, memoryContext(FIRST));
    await b.store.delete(first.images[0]!.manifest.value.layers[0]!.digest);
    const second = await b.build(plan, memoryContext(FIRST));
    expect(b.made()).toContain("COPY / /x/");
    expect(await invariantsOf(second.blobs, second.images[0]!.manifest.descriptor)).toEqual([]);
  });

  test("noCache makes it anew", async () => {
    const b = bench();
    await b.build(plan, memoryContext(FIRST));
    await b.build(plan, memoryContext(FIRST), { noCache: true });
    expect(b.made()).toContain("COPY / /x/");
  });

  test("garbage in the records is no record", async () => {
    const b = bench();
    for (const garbage of ["", "{", '{"version":1,"variants":[{"layer":null},{}]}', '{"version":1,"variants":{}}', '{"version":0,"variants":[]}']) {
      await b.build(plan, memoryContext(FIRST));
      b.records.read = () => Promise.resolve(Buffer.from(garbage));
      await b.build(plan, memoryContext(FIRST));
      expect(b.made(), garbage).toContain("COPY / /x/");
    }
  });
});

describe("with an epoch", () => {
  const epoch = FILE_TIME + 100;
  const layers = [workdirVertex("/w"), copyVertex("/x/", ["/"])];
  const plan = planFor(
    [AMD64, ARM64].map((platform) => ({ platform, layers })),
    { epoch },
  );

  test("the index is the same whatever the clock and times after the epoch", async () => {
    const digests = await Promise.all(
      [0, 1_000_000].map(async (later) => {
        const b = bench();
        b.clock.ms += later;
        const result = await b.build(
          plan,
          memoryContext({ a: { content: "1", mtime: epoch + later + 1 }, "d/": { mtime: epoch + 5 }, "d/b": { content: "2", mtime: 7 } }),
        );
        return result.index?.descriptor.digest;
      }),
    );
    expect(digests[0]).toBe(digests[1]);
  });

  test("no time is later, earlier ones stay", async () => {
    const b = bench();
    const result = await b.build(plan, memoryContext({ a: { content: "1", mtime: epoch + 1 }, b: { content: "2", mtime: 7 } }));
    expect(await filesIn(result)).toEqual([`w d755 0:0 ${epoch}`, `x d755 0:0 ${epoch}`, `x/a -644 0:0 ${epoch} 1`, "x/b -644 0:0 7 2"]);
  });

  test("what was built before does not show: earlier times count in the cache", async () => {
    const b = bench();
    await b.build(plan, memoryContext({ b: { content: "2", mtime: 7 } }));
    const second = await b.build(plan, memoryContext({ b: { content: "2", mtime: 8 } }));
    expect(await filesIn(second)).toContain("x/b -644 0:0 8 2");
  });
});

describe("an owner who is not known", () => {
  const place = { file: { name: "Dockerfile", text: "FROM scratch\nCOPY --chown=who a /\n" }, span: { start: 13, end: 34 } };
  const copy = copyVertex("/", ["/a"], { owner: { user: "who" }, place });
  const context = memoryContext({ a: "1" });

  test("is root, which is told once for all platforms, with the line", async () => {
    const b = bench();
    const result = await b.build(planFor([AMD64, ARM64].map((platform) => ({ platform, layers: [workdirVertex("/w"), copy] }))), context);
    expect(await filesIn(result)).toContain(`a -644 0:0 ${FILE_TIME} 1`);
    expect(b.events.flatMap((event) => (event.type === "warning" ? [event.message] : []))).toEqual([
      'Dockerfile:2: user "who" cannot be looked up: there is no /etc/passwd: the owner will be 0:0',
    ]);
  });

  test("is refused upon scratch, where there is nothing to look in", async () => {
    expect(await problemOf(bench().build(planFor([{ platform: AMD64, layers: [copy] }]), context))).toMatchObject({
      code: "user-unknown",
      message: expect.stringMatching(/^Dockerfile:2: user "who"/),
    });
  });
});

describe("failures", () => {
  /** A store that counts writers which were neither committed nor aborted. */
  function watched(): { store: BlobStore; open: () => number } {
    const inner = memoryBlobStore();
    let open = 0;
    const store: BlobStore = {
      ...inner,
      async create() {
        const writer = await inner.create();
        let over = false;
        open++;
        const end = (): void => {
          if (!over) open--;
          over = true;
        };
        return {
          write: (chunk) => writer.write(chunk),
          get size() {
            return writer.size;
          },
          async commit(expected) {
            const made = await writer.commit(expected);
            end();
            return made;
          },
          async abort() {
            await writer.abort();
            end();
          },
        };
      },
    };
    return { store, open: () => open };
  }

  test("everything has ended when it throws: no writer is left open, the other platform's layer is stopped", async () => {
    const { store, open } = watched();
    const b = bench({ store });
    let reached = (): void => {};
    const bothRead = new Promise<void>((resolve) => (reached = resolve));
    let reads = 0;
    const context = memoryContext({ good: { content: Buffer.alloc(200_000) }, bad: "x" }, async (path) => {
      if (++reads === 2) reached();
      await bothRead;
      if (path === "bad") throw new Error("the disk is on fire");
      // Until the failure has come through.
      await new Promise((resolve) => setImmediate(resolve));
    });
    const plan = planFor([
      { platform: AMD64, layers: [copyVertex("/x", ["/good"])] },
      { platform: ARM64, layers: [copyVertex("/x", ["/bad"])] },
    ]);
    await expect(b.build(plan, context)).rejects.toThrow("the disk is on fire");
    expect(open()).toBe(0);
    expect(b.made()).not.toContain("COPY /good /x");
  });

  test("a file that is shorter than it was is told", async () => {
    const b = bench();
    const context = memoryContext({ a: "1234" });
    const open = context.open.bind(context);
    context.open = async function* (entry) {
      for await (const chunk of open(entry)) yield chunk.subarray(0, 2);
    };
    const plan = planFor([{ platform: AMD64, layers: [copyVertex("/x", ["/a"])] }]);
    expect(await problemOf(b.build(plan, context))).toMatchObject({ code: "context-changed" });
    expect(b.events.filter((event) => event.type === "vertex-failed")).toHaveLength(1);
  });

  test("an abort stops it", async () => {
    const { store, open } = watched();
    const b = bench({ store });
    const stop = new AbortController();
    const context = memoryContext({ a: { content: Buffer.alloc(200_000) } }, async () => stop.abort());
    const plan = planFor([{ platform: AMD64, layers: [copyVertex("/x", ["/a"])] }]);
    expect(await problemOf(b.build(plan, context, { signal: stop.signal }))).toMatchObject({ code: "interrupted" });
    expect(open()).toBe(0);
  });

  test("a base whose layer has another diff_id", async () => {
    const b = bench();
    const { vertex } = await b.registry.image(AMD64, [{ a: "1" }]);
    const lying = { ...vertex, config: { ...vertex.config, rootfs: { type: "layers" as const, diff_ids: [vertex.manifest.descriptor.digest] } } };
    expect(await problemOf(b.build(planFor([{ platform: AMD64, base: lying, layers: [workdirVertex("/w")] }])))).toMatchObject({ code: "diff-id-mismatch" });
  });

  test("a problem names the line of the Dockerfile", async () => {
    const b = bench();
    const file = { name: "Dockerfile", text: "FROM scratch\nCOPY nothing /\n" };
    const vertex = { ...copyVertex("/", ["/nothing"]), place: { file, span: { start: 13, end: 27 } } };
    expect(await problemOf(b.build(planFor([{ platform: AMD64, layers: [vertex] }])))).toMatchObject({
      code: "source-missing",
      message: expect.stringMatching(/^Dockerfile:2: /),
    });
  });
});

describe("layers", () => {
  test("uncompressed ones are their own diff_id", async () => {
    const b = bench();
    const result = await b.build(planFor([{ platform: AMD64, layers: [workdirVertex("/w")] }]), undefined, {
      layers: { compression: "uncompressed", force: false },
    });
    const [image] = result.images;
    expect(image?.manifest.value.layers[0]?.digest).toBe(image?.config.rootfs.diff_ids[0]);
  });

  test("force packs those of the base anew, once", async () => {
    const b = bench();
    const { vertex, layers } = await b.registry.image(AMD64, [{ a: "1" }]);
    const plan = planFor([{ platform: AMD64, base: vertex, layers: [workdirVertex("/w")] }]);
    const options = { layers: { compression: "uncompressed", force: true } } as const;
    const result = await b.build(plan, undefined, options);
    const [image] = result.images;
    expect(image?.manifest.value.layers.map(({ digest }) => digest)).toEqual(image?.config.rootfs.diff_ids);
    expect(await invariantsOf(result.blobs, image!.manifest.descriptor)).toEqual([]);
    expect((await b.build(plan, undefined, options)).images[0]?.manifest.descriptor).toEqual(image?.manifest.descriptor);
    expect(b.registry.pulled).toEqual([layers[0]!.digest]);
  });
});

describe("annotations", () => {
  test("go where they are told", async () => {
    const b = bench();
    const plan = planFor([AMD64, ARM64].map((platform) => ({ platform, layers: [workdirVertex("/w")] })));
    const result = await b.build(plan, undefined, {
      annotations: [
        { at: "manifest", key: "all", value: "1" },
        { at: "manifest", platform: parsePlatform(ARM64), key: "all", value: "arm" },
        { at: "index", key: "i", value: "2" },
        { at: "manifest-descriptor", platform: parsePlatform(AMD64), key: "d", value: "3" },
        { at: "index-descriptor", key: "x", value: "4" },
      ],
    });
    expect(result.images.map(({ manifest }) => manifest.value.annotations)).toEqual([{ all: "1" }, { all: "arm" }]);
    expect(result.index?.value.annotations).toEqual({ i: "2" });
    expect(result.index?.value.manifests.map(({ annotations }) => annotations)).toEqual([{ d: "3" }, undefined]);
    expect(result.index?.descriptor.annotations).toEqual({ x: "4" });
  });
});

describe("what is refused before anything is done", () => {
  const run: RunVertex = {
    kind: "run",
    id: "sha256:bb" as RunVertex["id"],
    name: "RUN make",
    platforms: [AMD64, ARM64],
    place: { file: { name: "Dockerfile", text: "FROM scratch\nRUN make\n" }, span: { start: 13, end: 21 } },
    on: { layers: [] },
    platform: parsePlatform(AMD64),
    arguments: ["make"],
    environment: [],
    workdir: "/",
    user: "",
    mounts: [],
    devices: [],
  };

  test("RUN, with its line and an engine that could", async () => {
    expect(await problemOf(bench().build(planFor([{ platform: AMD64, layers: [run] }])))).toMatchObject({
      code: "run-unsupported",
      message: expect.stringMatching(/^Dockerfile:2: RUN/),
    });
  });

  test("compressions that this Node cannot write", async () => {
    for (const compression of ["zstd", "estargz"] as const) {
      const act = bench().build(planFor([{ platform: AMD64, layers: [] }]), undefined, { layers: { compression, force: false } });
      expect(await problemOf(act)).toMatchObject({ code: "feature-unsupported" });
    }
  });

  test("a base that says it is of another platform", async () => {
    const b = bench();
    const { vertex } = await b.registry.image(ARM64, [{ a: "" }], { configPlatform: AMD64 });
    expect(await problemOf(b.build(planFor([{ platform: ARM64, base: vertex, layers: [] }])))).toMatchObject({ code: "platform-conflict" });
    expect(b.registry.pulled).toEqual([]);
  });

  test("an index annotation of an image without an index", async () => {
    const act = bench().build(planFor([{ platform: AMD64, layers: [] }]), undefined, { annotations: [{ at: "index", key: "k", value: "v" }] });
    expect(await problemOf(act)).toMatchObject({ code: "output-conflict" });
  });
});

test("the context's vertex is told like any other", async () => {
  const b = bench();
  await b.build(planFor([{ platform: AMD64, layers: [copyVertex("/a", ["/a"])] }]), memoryContext({ a: "" }));
  const types = b.events.filter((event) => "vertex" in event && event.vertex === CONTEXT.id).map(({ type }) => type);
  expect(types).toEqual(["vertex-started", "vertex-done"]);
});
