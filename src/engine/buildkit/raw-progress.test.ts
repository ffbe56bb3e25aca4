import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recorded } from "../../../test/harness/buildkit-recordings.ts";
import { digestOf } from "../../core/digest.ts";
import type { BuildEvent } from "../event.ts";
import { type HeardBuild, type RawProgressOptions, rawProgress } from "./raw-progress.ts";

function replay(
  lines: readonly string[],
  options: Pick<RawProgressOptions, "prefix" | "platform"> = {},
): { readonly events: BuildEvent[]; readonly heard: HeardBuild } {
  const events: BuildEvent[] = [];
  let now = 0;
  const progress = rawProgress({ events: { emit: (event) => events.push(event) }, clock: { nowMs: () => now++, sleep: () => Promise.resolve() }, ...options });
  for (const line of lines) progress.line(line);
  return { events, heard: progress.end() };
}

/** Each event in a few words. */
function brief(events: readonly BuildEvent[]): string[] {
  const names = new Map<string, string>();
  return events.map((event) => {
    if ("name" in event && "vertex" in event) names.set(event.vertex, event.name.replace(/@sha256:\w+/, ""));
    const name = "vertex" in event ? names.get(event.vertex) : "";
    if (event.type === "vertex-failed") return `failed ${name}: ${event.problem.code}`;
    if (event.type === "vertex-output") return `${event.stream} ${name}: ${JSON.stringify(Buffer.from(event.bytes).toString())}`;
    if (event.type === "transfer") return `${event.direction} ${event.blob.slice(0, 12)} ${event.doneBytes}/${event.totalBytes}`;
    if (event.type === "step-started") return `step ${event.name}`;
    if (event.type === "warning") return `warning ${event.message}`;
    return `${event.type.replace("vertex-", "")} ${name}`;
  });
}

const vertex = (name: string, more: object = {}): object => ({ digest: digestOf(name), name, ...more });
const line = (...vertexes: object[]): string => JSON.stringify({ vertexes });
const [T1, T2, T3, T4] = ["2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:03Z", "2026-01-01T00:00:04Z"];

describe("recordings", () => {
  test("a build whose steps are cached", () => {
    const { events, heard } = replay(recorded("cached"));
    expect(brief(events).filter((text) => text.startsWith("cached"))).toEqual(
      expect.arrayContaining(["cached [linux/arm64 stage-1 2/2] RUN echo for arm64", "cached [linux/amd64 stage-1 1/2] COPY hello.txt /"]),
    );
    expect(heard).toEqual({ answered: true, failed: undefined, words: [] });
  });

  test("programs' output, by vertex and stream", () => {
    const { events } = replay(recorded("success"));
    expect(
      brief(events)
        .filter((text) => /^std\w+ \[linux\/amd64 /.test(text))
        .sort(),
    ).toEqual([
      `stderr [linux/amd64 base 2/2] RUN echo one; echo two >&2; printf 'part\\rlast\\n': "two\\n"`,
      `stdout [linux/amd64 base 2/2] RUN echo one; echo two >&2; printf 'part\\rlast\\n': "one\\npart\\rlast\\n"`,
      `stdout [linux/amd64 stage-1 2/2] RUN echo for amd64: "for amd64\\n"`,
    ]);
  });

  test("a failing RUN: the other platform's is stopped, which is no failure", () => {
    const { events, heard } = replay(recorded("run-fails"));
    const name = "[linux/arm64 3/3] RUN echo before; if [ $(uname -m) = aarch64 ]; then echo no such thing >&2; exit 7; fi; sleep 3";
    expect(brief(events).filter((text) => text.startsWith("failed"))).toEqual([`failed ${name}: run-failed`]);
    expect(heard.failed).toMatchObject({
      name,
      platforms: ["linux/arm64"],
      error: expect.stringContaining("exit code: 7"),
      lines: ["before", "no such thing"],
    });
    expect(heard.words.at(-1)).toMatch(/^ERROR: failed to build: /);
  });

  test("blobs that are pulled, with their sizes", () => {
    const { events } = replay(recorded("pull"));
    expect(brief(events.filter(({ type }) => type === "transfer")).filter((text) => !text.includes("undefined"))).toEqual(
      expect.arrayContaining(["pull sha256:f6f1a 22270013/22270013", "pull sha256:fe031 43826048/43826048"]),
    );
  });

  test("steps of an export, without the many that name a blob", () => {
    const { events } = replay(recorded("push"));
    expect(brief(events).filter((text) => text.startsWith("step ") && !text.includes("pushing manifest for"))).toEqual([
      "step exporting layers",
      "step pushing layers",
    ]);
    expect(events.filter(({ type }) => type === "step-done")).toHaveLength(events.filter(({ type }) => type === "step-started").length);
  });

  test("what BuildKit warns of has its place in the Dockerfile", () => {
    const { events } = replay(recorded("warnings"));
    expect(brief(events).filter((text) => text.startsWith("warning"))).toEqual([
      "warning Dockerfile:1: FromAsCasing: 'as' and 'FROM' keywords' casing do not match",
      "warning Dockerfile:2: MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label",
      "warning Dockerfile:5: JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
    ]);
  });

  test("a cache that cannot be read is warned of and fails nothing", () => {
    const { events, heard } = replay(recorded("cache-from"));
    expect(brief(events).filter((text) => /^warning|^failed/.test(text))).toEqual([
      "warning importing cache manifest from registry.example/none/cache: failed to configure registry cache importer: registry.example/none/cache:latest: not found",
    ]);
    expect(heard.failed).toBeUndefined();
  });

  test("a linked COPY is one vertex, however many BuildKit makes of it", () => {
    const { events } = replay(recorded("link"));
    expect(new Set(brief(events).filter((text) => text.startsWith("started [") && text.includes("COPY")))).toEqual(
      new Set(["started [2/4] COPY --link hello.txt /a", "started [3/4] COPY --link hello.txt /b"]),
    );
  });

  test.each(["success", "cached", "warnings", "push", "pull", "link", "cross", "cache-from"])("every vertex of %s that begins also ends", (name) => {
    expect(open(replay(recorded(name)).events)).toEqual([]);
  });
});

/** Vertices that are worked at after the last event. */
function open(events: readonly BuildEvent[]): string[] {
  const running = new Set<string>();
  for (const event of events) {
    if (event.type === "vertex-started") running.add(event.vertex);
    if (event.type === "vertex-done" || event.type === "vertex-cached" || event.type === "vertex-failed") running.delete(event.vertex);
  }
  return [...running];
}

describe("a vertex that is worked at several times", () => {
  test("begins and ends each time", () => {
    const { events } = replay([
      line(vertex("[1/2] FROM a", { started: T1 })),
      line(vertex("[1/2] FROM a", { started: T1, completed: T2 })),
      line(vertex("[1/2] FROM a", { started: T3 })),
      line(vertex("[1/2] FROM a", { started: T3, completed: T4 })),
    ]);
    expect(brief(events)).toEqual(["started [1/2] FROM a", "done [1/2] FROM a", "started [1/2] FROM a", "done [1/2] FROM a"]);
  });

  test("ends with the last when they overlap", () => {
    const { events } = replay([
      line(vertex("a", { started: T1 }), vertex("a", { started: T2 })),
      line(vertex("a", { started: T1, completed: T3 })),
      line(vertex("a", { started: T2, completed: T4 })),
    ]);
    expect(brief(events)).toEqual(["started a", "done a"]);
  });

  test("told again is told once", () => {
    const ended = line(vertex("a", { started: T1, completed: T2 }));
    expect(brief(replay([line(vertex("a")), ended, ended, ended]).events)).toEqual(["started a", "done a"]);
  });

  test("comes from the client: its look-up is no end", () => {
    const name = "[internal] load build context";
    const { events } = replay([
      line(vertex(name, { started: T1, completed: T1 })),
      line(vertex(name, { started: T2 })),
      line(vertex(name, { started: T2, completed: T3 })),
    ]);
    expect(brief(events)).toEqual([`started ${name}`, `done ${name}`]);
  });

  test("is found in the cache the second time", () => {
    const { events } = replay([line(vertex("a", { started: T1, completed: T2 })), line(vertex("a", { started: T3, completed: T3, cached: true }))]);
    expect(brief(events)).toEqual(["started a", "done a", "cached a"]);
  });
});

test("what a vertex printed comes before its end, though both come in one line", () => {
  const status = {
    vertexes: [vertex("a", { started: T1, completed: T2, error: "no" })],
    logs: [{ vertex: digestOf("a"), stream: 2, data: Buffer.from("why\n").toString("base64") }],
  };
  const { events, heard } = replay([JSON.stringify(status)]);
  expect(brief(events)).toEqual(["started a", 'stderr a: "why\\n"', "failed a: buildkit-failed"]);
  expect(heard.failed?.lines).toEqual(["why"]);
});

test("of several failures the first counts", () => {
  const { heard } = replay([
    line(vertex("a", { started: T1, completed: T2, error: "context canceled" }), vertex("b", { started: T1, completed: T2, error: "first" })),
    line(vertex("c", { started: T1, completed: T2, error: "second" })),
  ]);
  expect(heard.failed?.error).toBe("first");
});

test.each([
  ["an instruction, of the only platform", "[build 2/3] RUN make", "[arm linux/arm64 build 2/3] RUN make"],
  ["one that tells its platform", "[linux/arm/v7 2/3] RUN make", "[arm linux/arm/v7 2/3] RUN make"],
  ["what BuildKit does by itself", "[internal] load build context", "[arm internal] load build context"],
  ["what has no brackets", "exporting to oci image format", "[arm] exporting to oci image format"],
])("what a node does is named as Buildx names what several do: %s", (_, name, shown) => {
  const { events } = replay([line(vertex(name, { started: T1 }))], { prefix: { id: "n1", shown: "arm" }, platform: "linux/arm64" });
  expect(events[0]).toMatchObject({ name: shown });
});

test("a node's vertices are its own and say so", () => {
  const one = replay([line(vertex("[1/1] COPY a b", { started: T1 }))], { prefix: { id: "n1", shown: "arm" }, platform: "linux/arm64" }).events[0];
  const two = replay([line(vertex("[1/1] COPY a b", { started: T1 }))], { prefix: { id: "n2", shown: "amd" } }).events[0];
  expect(one).toMatchObject({ name: "[arm linux/arm64 1/1] COPY a b", platforms: ["linux/arm64"] });
  expect(two).toMatchObject({ name: "[amd 1/1] COPY a b", platforms: [] });
  expect((one as { vertex: string }).vertex).not.toBe((two as { vertex: string }).vertex);
});

test.each([
  ["[linux/arm64 build 2/3] RUN make", ["linux/arm64"]],
  ["[linux/amd64->arm64 build 2/3] RUN make", ["linux/arm64"]],
  ["[linux/amd64->windows/arm64 2/3] RUN make", ["windows/arm64"]],
  ["[build 2/3] RUN make", ["linux/s390x"]],
  ["[2/3] RUN make", ["linux/s390x"]],
  ["[internal] load metadata for a", []],
  ["[linux/arm64 internal] load metadata for a", ["linux/arm64"]],
  ["[auth] a:pull token for b", []],
  ["exporting to image", []],
])("platforms of %j, when linux/s390x alone is built", (name, platforms) => {
  expect(replay([line(vertex(name, { started: T1 }))], { platform: "linux/s390x" }).events[0]).toMatchObject({ platforms });
});

test("Buildx's own warnings are warnings, each once", () => {
  const words = ["WARNING: no output", "WARNING: no output", 'time="2026-01-01T00:00:00Z" level=warning msg="careful"', "ERROR: no"];
  const { events, heard } = replay(words);
  expect(brief(events)).toEqual(["warning no output", "warning careful"]);
  expect(heard).toEqual({ answered: false, failed: undefined, words });
});

test("Buildx that waits for a builder is no answer of the builder", () => {
  expect(replay([line(vertex("[internal] waiting for connection", { started: T1 }))]).heard.answered).toBe(false);
});

test("endless words are cut in the middle, long ones at their end", () => {
  const { heard } = replay([...Array.from({ length: 1000 }, (_, i) => `line ${i}`), "x".repeat(100_000)]);
  expect(heard.words).toHaveLength(80);
  expect(heard.words.slice(19, 21)).toEqual(["line 19", "line 941"]);
  expect(heard.words.at(-1)).toHaveLength(4001);
});

test("more vertices than anybody needs are not told of", () => {
  const { events } = replay(Array.from({ length: 12_000 }, (_, i) => line(vertex(`v${i}`, { started: T1 }))));
  expect(events.length).toBeLessThanOrEqual(10_000);
});

test("no order, repetition or damage of lines makes it throw, end a vertex that did not begin, or end it twice", () => {
  const lines = ["run-fails", "pull", "link"].flatMap(recorded);
  const damaged = fc.array(
    fc.record({ at: fc.nat(lines.length - 1), cut: fc.option(fc.nat(400), { nil: undefined }) }).map(({ at, cut }) => (lines[at] as string).slice(0, cut)),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(damaged, (some) => {
      const running = new Map<string, boolean>();
      for (const event of replay(some).events) {
        if (event.type === "vertex-started") {
          expect(running.get(event.vertex) ?? false).toBe(false);
          running.set(event.vertex, true);
        } else if (event.type === "vertex-done" || event.type === "vertex-failed") {
          if (event.type === "vertex-done") expect(running.get(event.vertex)).toBe(true);
          running.set(event.vertex, false);
        } else if (event.type === "vertex-cached") running.set(event.vertex, false);
      }
    }),
    { numRuns: 100 },
  );
});
