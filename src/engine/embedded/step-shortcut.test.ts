import { describe, expect, test } from "vitest";
import {
  type Bench,
  bench,
  CLOCK_MS,
  copyVertex,
  FILE_TIME,
  filesIn,
  filesOf,
  memoryContext,
  planFor,
  type Spec,
  workdirVertex,
} from "../../../test/harness/memory-build.ts";
import type { BuildPlan, ImageVertex, LayerVertex } from "../../plan/graph.ts";

const AMD64 = "linux/amd64";
const NOW = CLOCK_MS / 1000;
const BASE: Readonly<Record<string, Spec>> = { "etc/passwd": "root:x:0:0::/:/bin/sh\n", "x/old": "old" };
const FILES: Readonly<Record<string, Spec>> = { "app/a": { content: "1", mtime: FILE_TIME }, "app/d/b": "2", "app/l": { link: "a" }, other: "o" };
const COPY = copyVertex("/x/", ["/app"]);
const LAYERS = [workdirVertex("/w"), COPY];

async function started(files: Readonly<Record<string, Spec>> = FILES, layers: readonly LayerVertex[] = LAYERS) {
  const b = bench();
  const { vertex: base } = await b.registry.image(AMD64, [BASE]);
  const plan = planFor([{ platform: AMD64, base, layers }]);
  const first = await b.build(plan, memoryContext(files));
  return { b, base, plan, first };
}

/** True when nobody asked for the files of the base. */
const around = (b: Bench, base: ImageVertex): boolean => b.cached().includes(base.name);

/** What the same build gives where nothing was built before. */
async function afresh(plan: BuildPlan, files: Readonly<Record<string, Spec>>, baseLayers: readonly Readonly<Record<string, Spec>>[] = [BASE]) {
  const b = bench();
  await b.registry.image(AMD64, baseLayers);
  return filesIn(await b.build(plan, memoryContext(files)));
}

describe("a build after another one", () => {
  const cases: readonly { name: string; later: Readonly<Record<string, Spec>>; is: "around" | "cached" | "made" }[] = [
    { name: "nothing changed", later: FILES, is: "around" },
    { name: "only a time changed", later: { ...FILES, "app/a": { content: "1", mtime: FILE_TIME + 9 } }, is: "cached" },
    { name: "a file changed that is not copied", later: { ...FILES, other: "p" }, is: "cached" },
    { name: "content changed, size and time did not", later: { ...FILES, "app/a": { content: "9", mtime: FILE_TIME } }, is: "made" },
    { name: "mode changed", later: { ...FILES, "app/a": { content: "1", mtime: FILE_TIME, mode: 0o755 } }, is: "made" },
    { name: "mode of a folder changed", later: { ...FILES, "app/d/": { mode: 0o700 } }, is: "made" },
    { name: "a link leads elsewhere", later: { ...FILES, "app/l": { link: "d" } }, is: "made" },
    { name: "a new file", later: { ...FILES, "app/c": "" }, is: "made" },
    { name: "a new folder", later: { ...FILES, "app/e/": {} }, is: "made" },
    { name: "a file less", later: { "app/a": { content: "1", mtime: FILE_TIME }, "app/l": { link: "a" }, other: "o" }, is: "made" },
  ];
  test.each(cases)("$name: $is", async ({ later, is }) => {
    const { b, base, plan, first } = await started();
    const context = memoryContext(later);
    const second = await b.build(plan, context);
    expect(b.made().includes(COPY.name) ? "made" : around(b, base) ? "around" : "cached").toBe(is);
    if (is === "around") expect(context.opened).toEqual([]);
    if (is !== "made") expect(second.images[0]?.manifest.descriptor).toEqual(first.images[0]?.manifest.descriptor);
    else expect(await filesIn(second)).toEqual(await afresh(plan, later));
  });

  test("another base: its files are looked at", async () => {
    const { b } = await started();
    const other = [{ x: { link: "y" }, "y/": {} }];
    const { vertex: base } = await b.registry.image(AMD64, other);
    const plan = planFor([{ platform: AMD64, base, layers: LAYERS }]);
    const result = await b.build(plan, memoryContext(FILES));
    expect(around(b, base)).toBe(false);
    expect(await filesIn(result)).toEqual(await afresh(plan, FILES, other));
  });

  test.each([
    ["another operation", [workdirVertex("/w"), copyVertex("/x/", ["/app"], { chmod: "0700" })]],
    ["another layer below", [workdirVertex("/v"), COPY]],
  ])("%s: a closer look", async (_, layers) => {
    const { b, base } = await started();
    const plan = planFor([{ platform: AMD64, base, layers }]);
    const result = await b.build(plan, memoryContext(FILES));
    expect(around(b, base)).toBe(false);
    expect(await filesIn(result)).toEqual(await afresh(plan, FILES));
  });

  test.each([
    ["noCache", {}, { noCache: true }],
    ["a layer below that is to be made anew", { noCache: true as const }, {}],
    ["another compression", {}, { layers: { compression: "uncompressed" as const, force: false } }],
    ["another level", {}, { layers: { compression: "gzip" as const, level: 1, force: false } }],
  ])("%s: a closer look", async (_, vertex, options) => {
    const { b, base } = await started();
    const [below] = LAYERS as [LayerVertex];
    await b.build(planFor([{ platform: AMD64, base, layers: [{ ...below, ...vertex }, COPY] }]), memoryContext(FILES), options);
    expect(around(b, base)).toBe(false);
  });

  test("an epoch: another one, or none, is a closer look", async () => {
    const { b, base } = await started();
    for (const epoch of [FILE_TIME, FILE_TIME - 5]) {
      const plan = planFor([{ platform: AMD64, base, layers: LAYERS }], { epoch });
      const made = await b.build(plan, memoryContext(FILES));
      expect(around(b, base)).toBe(false);
      const again = await b.build(plan, memoryContext(FILES));
      expect(around(b, base)).toBe(true);
      expect(again.index ?? again.images[0]?.manifest).toEqual(made.index ?? made.images[0]?.manifest);
    }
  });
});

test.each([
  ["a file", { "app/a": { content: "1", mtime: NOW - 1 } }],
  ["a folder", { "app/": { mtime: NOW - 1 }, "app/a": "1" }],
])("%s that changed just before a build proves nothing until a later build", async (_, files) => {
  const { b, base, plan } = await started(files);
  // The stamp stays as it is: what else changed does not show.
  b.clock.ms += 60_000;
  await b.build(plan, memoryContext(files));
  expect(around(b, base)).toBe(false);
  await b.build(plan, memoryContext(files));
  expect(around(b, base)).toBe(true);
});

test("a context without stamps is looked at each time", async () => {
  const { b, base, plan } = await started();
  const context = memoryContext(FILES);
  const entries = async () => (await context.entries()).map(({ stamp: _stamp, ...entry }) => entry);
  for (let i = 0; i < 2; i++) {
    await b.build(plan, { ...context, entries });
    expect(around(b, base)).toBe(false);
  }
});

test("a layer that is gone is made again", async () => {
  const { b, plan, first } = await started();
  await b.store.delete(first.images[0]!.manifest.value.layers[2]!.digest);
  const second = await b.build(plan, memoryContext(FILES));
  expect(b.made()).toContain(COPY.name);
  expect(await filesIn(second)).toEqual(await filesIn(first));
});

test("a warning is told each time", async () => {
  const { b, plan } = await started(FILES, [copyVertex("/x/", ["/app"], { owner: { user: "root", group: "nobody-knows" } })]);
  const warnings = () => b.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  const first = warnings();
  await b.build(plan, memoryContext(FILES));
  expect(first).toHaveLength(1);
  expect(warnings()).toEqual(first);
});

test("a step on top finds the files of a layer that nobody looked at", async () => {
  const { b, base } = await started();
  const top = copyVertex("/copied/", ["/x"], { from: filesOf(base, LAYERS) });
  const plan = planFor([{ platform: AMD64, base, layers: [...LAYERS, top] }]);
  const result = await b.build(plan, memoryContext(FILES));
  expect(b.made()).toContain(top.name);
  expect(await filesIn(result)).toEqual(await afresh(plan, FILES));
});

test("the older of two contents comes back", async () => {
  const { b, base, plan, first } = await started();
  await b.build(plan, memoryContext({ ...FILES, "app/a": { content: "9", mtime: FILE_TIME } }));
  const third = await b.build(plan, memoryContext(FILES));
  expect(around(b, base)).toBe(true);
  expect(third.images[0]?.manifest.descriptor).toEqual(first.images[0]?.manifest.descriptor);
});

test("a source that is a stage: what that takes of a context counts", async () => {
  const inner = copyVertex("/in/", ["/app"]);
  const outer = copyVertex("/out/", ["/in"], { from: filesOf(undefined, [inner]) });
  const b = bench();
  const { vertex: base } = await b.registry.image(AMD64, [BASE]);
  const plan = planFor([{ platform: AMD64, base, layers: [outer] }], { others: [inner] });
  const seen: boolean[] = [];
  for (const content of ["1", "2", "2"]) {
    const files = { "app/a": content };
    expect(await filesIn(await b.build(plan, memoryContext(files)))).toEqual(await afresh(plan, files));
    seen.push(around(b, base));
  }
  expect(seen).toEqual([false, false, true]);
});
