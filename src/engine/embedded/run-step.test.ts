import { expect, test } from "vitest";
import { bench, CONTEXT, copyVertex, filesIn, filesOf, memoryContext, planFor, runVertex, type Spec } from "../../../test/harness/memory-build.ts";
import { type Act, memorySandbox } from "../../../test/harness/memory-sandbox.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BuildPlan, ImageVertex, LayerVertex } from "../../plan/graph.ts";
import type { CacheSource } from "../cache-entry.ts";
import type { SandboxHost, SandboxProgram } from "../sandbox.ts";

const acts: Readonly<Record<string, Act>> = {
  make: ({ read }) => ({ changes: { "out/": {}, "out/program": `made of ${read("/src/main.c") ?? "nothing"}` } }),
  pack: ({ read }) => ({ changes: { package: `packed: ${read("/out/program")}` } }),
  look: ({ read }) => ({ changes: { seen: `${read("/mnt/main.c")} ${read("/mnt/other") ?? "-"}` } }),
  fail: () => ({ exitCode: 7 }),
};

const context = (files: Readonly<Record<string, Spec>> = { "src/main.c": "one", README: "read me" }) => memoryContext(files);

/** FROM base AS build, COPY src /src, RUN make; FROM scratch, COPY --from=build /out /. */
function twoStages(base: ImageVertex): BuildPlan {
  const copy = copyVertex("/src/", ["/src"]);
  const run = runVertex("make", filesOf(base, [copy]));
  const last = copyVertex("/", ["/out"], { from: filesOf(base, [copy, run]) });
  return planFor([{ platform: "linux/amd64", layers: [last] }], { others: [base, copy, run] });
}

const oneStage = (base: ImageVertex, layers: readonly LayerVertex[]): BuildPlan => planFor([{ platform: "linux/amd64", base, layers }]);

test("a program's changes are a layer upon the layers that it saw, and the next program sees them", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry, made } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const copy = copyVertex("/src/", ["/src"]);
  const run = runVertex("make", filesOf(base, [copy]));
  const next = runVertex("pack", filesOf(base, [copy, run]));
  const result = await build(oneStage(base, [copy, run, next]), context());
  expect((await filesIn(result)).filter((line) => /^(out|package)/.test(line)).map((line) => line.split(" ").slice(0, 1).join())).toEqual([
    "out",
    "out/program",
    "package",
  ]);
  expect((await filesIn(result)).join("\n")).toContain("packed: made of one");
  expect(result.images[0]?.manifest.value.layers).toHaveLength(4);
  expect(made()).toContain("RUN make");
  // What the first program changed was at hand: only the base and the copy had to be unpacked.
  expect(sandbox.unpackedLayers).toHaveLength(2);
});

test("built again, nothing runs and the sandbox is not even opened", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry, cached } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const first = await build(twoStages(base), context());
  const { opened } = sandbox;
  const again = await build(twoStages(base), context());
  expect(again.images[0]?.manifest.descriptor.digest).toBe(first.images[0]?.manifest.descriptor.digest);
  expect(sandbox).toMatchObject({ ran: ["make"], opened });
  expect(cached()).toContain("COPY /out /");
});

test("a file that no step takes changes: no program runs", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const first = await build(twoStages(base), context());
  const again = await build(twoStages(base), context({ "src/main.c": "one", README: "read me again" }));
  expect(sandbox.ran).toEqual(["make"]);
  expect(again.images[0]?.manifest.descriptor.digest).toBe(first.images[0]?.manifest.descriptor.digest);
});

test.each<[string, Readonly<Record<string, Spec>>, readonly string[]]>([
  ["other content", { "src/main.c": "two" }, ["make", "make"]],
  ["another mode", { "src/main.c": { content: "one", mode: 0o755 } }, ["make", "make"]],
  ["another time alone, as in BuildKit", { "src/main.c": { content: "one", mtime: 1 } }, ["make"]],
])("a source with %s", async (_, changed, ran) => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  await build(twoStages(base), context({ "src/main.c": "one" }));
  await build(twoStages(base), context(changed));
  expect(sandbox.ran).toEqual(ran);
});

test.each([
  ["--no-cache", { noCache: true }, ["make", "make"]],
  ["without it", {}, ["make"]],
])("%s", async (_, options, ran) => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  await build(twoStages(base), context());
  await build(twoStages(base), context(), options);
  expect(sandbox.ran).toEqual(ran);
});

test("a stage that --no-cache-filter names is made anew, though only copied from", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  await build(twoStages(base), context());
  const plan = twoStages(base);
  const vertices = plan.vertices.map((vertex) => (vertex.kind === "run" ? { ...vertex, noCache: true as const } : vertex));
  await build({ ...plan, vertices }, context());
  expect(sandbox.ran).toEqual(["make", "make"]);
});

test("keys tell environment, folder, user, platform, network and mounts apart", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const on = filesOf(base, []);
  const variants = [
    runVertex("make", on),
    runVertex("make", on, { environment: ["A=c"] }),
    runVertex("make", on, { workdir: "/tmp" }),
    runVertex("make", on, { user: "1000" }),
    runVertex("make", on, { network: "none" }),
    runVertex("make", on, { mounts: [{ type: "tmpfs", options: { target: "/x" } }] }),
    runVertex("make", on, { mounts: [{ type: "cache", options: { target: "/x", readonly: "false" } }] }),
  ];
  for (const [i, run] of variants.entries()) {
    await build(oneStage(base, [run]), context());
    expect(sandbox.ran).toHaveLength(i + 1);
  }
});

test("a bind mount: the program sees what it takes of the context, and runs again only when that changes", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const plan = (): BuildPlan =>
    oneStage(base, [
      runVertex("look", filesOf(base, []), { mounts: [{ type: "bind", from: CONTEXT.id, options: { target: "/mnt", source: "src", readonly: "true" } }] }),
    ]);
  const result = await build(plan(), context());
  expect((await filesIn(result)).join("\n")).toContain("one -");
  await build(plan(), context({ "src/main.c": "one", README: "other" }));
  expect(sandbox.ran).toEqual(["look"]);
  await build(plan(), context({ "src/main.c": "one", "src/other": "two" }));
  expect(sandbox.ran).toEqual(["look", "look"]);
});

test("a bind mount of what another stage made", async () => {
  const sandbox = memorySandbox({ ...acts, look: ({ read }) => ({ changes: { seen: read("/mnt/program") ?? "-" } }) });
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const copy = copyVertex("/src/", ["/src"]);
  const make = runVertex("make", filesOf(base, [copy]));
  const look = runVertex("look", filesOf(base, []), {
    mounts: [{ type: "bind", from: filesOf(base, [copy, make]), options: { target: "/mnt", source: "/out", readonly: "true" } }],
  });
  const result = await build(planFor([{ platform: "linux/amd64", base, layers: [look] }], { others: [copy, make] }), context());
  expect((await filesIn(result)).join("\n")).toContain("made of one");
});

test("a mount of what is not there says so with its line", async () => {
  const { build, registry } = bench({ sandbox: memorySandbox(acts) });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const run = runVertex("look", filesOf(base, []), {
    mounts: [{ type: "bind", from: CONTEXT.id, options: { target: "/mnt", source: "scr", readonly: "true" } }],
  });
  await expect(build(oneStage(base, [run]), context())).rejects.toMatchObject({
    code: "source-missing",
    message: expect.stringContaining('"scr" does not exist'),
  });
});

test("a program that fails fails the build, and is tried again the next time", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry, events } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const plan = oneStage(base, [runVertex("fail", filesOf(base, []))]);
  await expect(build(plan, context())).rejects.toMatchObject({ code: "run-failed", facts: { exitCode: 7 } });
  expect(events.filter(({ type }) => type === "vertex-failed")).toHaveLength(1);
  expect(events.some((event) => event.type === "vertex-output" && Buffer.from(event.bytes).toString() === "fail ran\n")).toBe(true);
  await expect(build(plan, context())).rejects.toMatchObject({ code: "run-failed" });
  expect(sandbox.ran).toEqual(["fail", "fail"]);
});

test("stages that a later one copies from run side by side, and the first failure ends the others", async () => {
  let quickRan: () => void = () => {};
  const quick = new Promise<void>((resolve) => (quickRan = resolve));
  const sandbox = memorySandbox({
    slow: () => ({ changes: { "out/slow": "s" } }),
    quick: () => {
      quickRan();
      return { changes: { "out/quick": "q" } };
    },
  });
  // The slow one ends only when the quick one has run: one after the other they would wait for ever.
  const waiting = {
    ...sandbox,
    open: async () => ({
      ...(await sandbox.open()),
      run: async (program: SandboxProgram, signal: AbortSignal) => {
        if (program.arguments.at(-1) === "slow") await quick;
        return (await sandbox.open()).run(program, signal);
      },
    }),
  };
  const { build, registry } = bench({ sandbox: waiting });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const [slow, fast] = [runVertex("slow", filesOf(base, [])), runVertex("quick", filesOf(base, []))];
  const copies = [copyVertex("/", ["/out"], { from: filesOf(base, [slow]) }), copyVertex("/", ["/out"], { from: filesOf(base, [fast]) })];
  const result = await build(planFor([{ platform: "linux/amd64", layers: copies }], { others: [base, slow, fast] }), context());
  expect((await filesIn(result)).join("\n")).toMatch(/quick.*slow/s);

  const failing = memorySandbox({ slow: () => ({}), quick: () => ({ exitCode: 3 }) });
  const endless: SandboxHost = {
    ...failing,
    open: async () => ({
      ...(await failing.open()),
      run: async (program, signal) => {
        if (program.arguments.at(-1) !== "slow") return (await failing.open()).run(program, signal);
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(new ProblemError("interrupted", { message: "stopped" })), { once: true }),
        );
      },
    }),
  };
  const other = bench({ sandbox: endless });
  await other.registry.image("linux/amd64", [{ "etc/os": "base" }]);
  const act = other.build(planFor([{ platform: "linux/amd64", layers: copies }], { others: [base, slow, fast] }), context());
  await expect(act).rejects.toMatchObject({ code: "run-failed", facts: { exitCode: 3 } });
});

test("what the machine's world costs is said once, when something runs", async () => {
  const sandbox = memorySandbox(acts);
  const costly: SandboxHost = { ...sandbox, open: async () => ({ ...(await sandbox.open()), notes: ["every file will be yours"] }) };
  const { build, registry, events } = bench({ sandbox: costly });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const warnings = (): string[] => events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  const make = runVertex("make", filesOf(base, []));
  const plan = oneStage(base, [make, runVertex("pack", filesOf(base, [make]))]);
  await build(plan, context());
  expect(warnings()).toEqual(["every file will be yours"]);
  await build(plan, context());
  expect(warnings()).toEqual([]);
});

test("where nothing is remembered of a program, the sandbox is opened and its base unpacked before the program's turn comes", async () => {
  const sandbox = memorySandbox(acts);
  const order: string[] = [];
  const watched: SandboxHost = {
    ...sandbox,
    open: async () => {
      const real = await sandbox.open();
      return {
        ...real,
        unpack: (...args) => {
          order.push("unpacked");
          return real.unpack(...args);
        },
        run: (...args) => {
          order.push("ran");
          return real.run(...args);
        },
      };
    },
  };
  const { build, registry } = bench({ sandbox: watched });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const copy = copyVertex("/src/", ["/src"]);
  await build(oneStage(base, [copy, runVertex("make", filesOf(base, [copy]))]), context());
  expect(order).toEqual(["unpacked", "unpacked", "ran"]);
});

test("caches of a step that is made anew begin empty, once a build", async () => {
  const sandbox = memorySandbox(acts);
  const { build, registry } = bench({ sandbox });
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const mounts = [{ type: "cache", options: { target: "/var/cache", id: "apt", readonly: "false" } }] as const;
  const first = runVertex("make", filesOf(base, []), { mounts });
  const plan = oneStage(base, [first, runVertex("pack", filesOf(base, [first]), { mounts })]);
  await build(plan, context());
  expect(sandbox.emptied).toEqual([]);
  await build(plan, context(), { noCache: true });
  expect(sandbox.emptied).toHaveLength(1);
});

test("a machine that gives no sandbox, or no emulator, says so before anything is built", async () => {
  const none = bench({ sandbox: memorySandbox(acts, { world: "none", why: "unshare said: not permitted", notes: ["run it with sudo"] }) });
  const base = (await none.registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const plan = oneStage(base, [runVertex("make", filesOf(base, []))]);
  await expect(none.build(plan, context())).rejects.toMatchObject({ code: "sandbox-unavailable", message: expect.stringContaining("not permitted") });
  expect(none.events).toEqual([]);
});

test("a cache from elsewhere: a fresh store runs nothing, and brings only the layers of the image when they are read", async () => {
  const sandbox = memorySandbox(acts);
  const there = bench({ sandbox });
  const base = (await there.registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const first = await there.build(twoStages(base), context(), { exportsCache: true });
  expect(first.steps.map(({ published }) => published).toSorted()).toEqual([false, false, true]);

  const opened: string[] = [];
  const source: CacheSource = {
    name: "test",
    find: async (key) => first.steps.find((entry) => entry.key === key && entry.published),
    open(digest) {
      opened.push(digest);
      return there.store.open(digest);
    },
  };
  const elsewhere = memorySandbox(acts);
  const here = bench({ sandbox: elsewhere });
  await here.registry.image("linux/amd64", [{ "etc/os": "base" }]);
  const again = await here.build(twoStages(base), context(), { cacheFrom: [source] });
  expect(elsewhere).toMatchObject({ ran: [], opened: 0 });
  expect(again.images[0]?.manifest.descriptor.digest).toBe(first.images[0]?.manifest.descriptor.digest);
  expect(opened).toEqual([]);
  expect(await filesIn(again)).toEqual(await filesIn(first));
  expect(opened).toHaveLength(1);

  const changed = await here.build(twoStages(base), context({ "src/main.c": "two" }), { cacheFrom: [source] });
  expect(elsewhere.ran).toEqual(["make"]);
  expect((await filesIn(changed)).join("\n")).toContain("made of two");
});
