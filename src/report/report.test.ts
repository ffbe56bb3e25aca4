import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { digestOf } from "../core/digest.ts";
import { ProblemError } from "../core/problem.ts";
import { bytesText, durationText } from "../core/quantity.ts";
import type { BuildEvent } from "../engine/event.ts";
import { imageText } from "./inspect-text.ts";
import { bugText, problemText } from "./problem-text.ts";
import { jsonProgress } from "./progress/json.ts";
import { plainProgress } from "./progress/plain.ts";
import { programOutput } from "./progress/program-output.ts";
import { ttyProgress } from "./progress/tty.ts";
import { pruneText } from "./prune-text.ts";

const [copy, shared] = [digestOf("copy"), digestOf("shared")];
const both = ["linux/amd64", "linux/arm64"];
const problem = new ProblemError("source-missing", { message: 'COPY names "x", which does not exist\nsecond line', hint: "make it" });

/** A build in which one vertex serves both platforms, one is cached, one program prints, and one fails. */
const build: readonly BuildEvent[] = [
  {
    type: "planned",
    vertices: [
      { id: shared, name: "COPY config /etc", platforms: both },
      { id: copy, name: "[linux/arm64 2/2] COPY m /m", platforms: ["linux/arm64"] },
    ],
    atMs: 0,
  },
  { type: "vertex-cached", vertex: shared, name: "COPY config /etc", platforms: both, atMs: 100 },
  { type: "vertex-started", vertex: copy, name: "[linux/arm64 2/2] COPY m /m", platforms: ["linux/arm64"], atMs: 100 },
  { type: "vertex-output", vertex: copy, stream: "stdout", bytes: Buffer.from("one\r\ntw"), atMs: 150 },
  { type: "transfer", direction: "pull", blob: copy, doneBytes: 1_500_000, totalBytes: 3_000_000, atMs: 160 },
  { type: "transfer", direction: "pull", blob: copy, doneBytes: 3_000_000, totalBytes: 3_000_000, atMs: 170 },
  { type: "vertex-output", vertex: copy, stream: "stdout", bytes: Buffer.from("o"), atMs: 180 },
  { type: "vertex-done", vertex: copy, atMs: 1300 },
  { type: "step-started", step: "push", name: "pushing app:v1", atMs: 1300 },
  { type: "transfer-saved", blob: shared, how: "mounted", bytes: 2000, atMs: 1310 },
  { type: "step-done", step: "push", atMs: 1400 },
  { type: "warning", message: "careful", atMs: 1400 },
];

test.each<[string, readonly (string | Uint8Array)[], readonly string[]]>([
  ["a character that comes in two pieces", [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ["é"]],
  ["a line that overwrites itself", ["1 %\r2 %\r3 %\n"], ["3 %"]],
  ["a line that is never ended", ["x".repeat(40_000)], ["x".repeat(16_384), "x".repeat(16_384), "x".repeat(7232)]],
])("output of programs: %s", (_, chunks, lines) => {
  const output = programOutput();
  const got = chunks.flatMap((chunk) => output.add("a", "stdout", Buffer.from(chunk as string)));
  expect([...got, ...output.rest("a")]).toEqual(lines);
  expect(output.rest("a")).toEqual([]);
});

test("plain progress: a line for each thing that begins or ends, output line by line, a summary", () => {
  const lines: string[] = [];
  const view = plainProgress((line) => lines.push(line));
  for (const event of build) view.emit(event);
  view.end();
  expect(lines).toEqual([
    "#1 COPY config /etc",
    "#1 CACHED",
    "#2 [linux/arm64 2/2] COPY m /m",
    "#2 one",
    "#2 two",
    "#2 DONE 1.2s",
    "#3 pushing app:v1",
    "#3 DONE 0.1s",
    "WARNING: careful",
    "linux/amd64: 1 step, 1 cached",
    "linux/arm64: 2 steps, 1 cached",
    "pulled 3.0 MB, 2.0 kB mounted",
  ]);
});

test("plain progress tells a failure by its first line, after the rest of the output", () => {
  const lines: string[] = [];
  const view = plainProgress((line) => lines.push(line));
  for (const event of build.slice(0, 4)) view.emit(event);
  view.emit({ type: "vertex-failed", vertex: copy, problem, atMs: 200 });
  view.end();
  expect(lines.slice(-4)).toEqual([
    "#2 tw",
    '#2 ERROR: COPY names "x", which does not exist',
    "linux/amd64: 1 step, 1 cached",
    "linux/arm64: 1 step, 1 cached, 1 not done",
  ]);
});

test("json progress gives every event as a line that reads back", () => {
  const lines: string[] = [];
  const view = jsonProgress((line) => lines.push(line));
  for (const event of build) view.emit(event);
  view.emit({ type: "vertex-failed", vertex: copy, problem, atMs: 200 });
  const read = lines.map((line) => JSON.parse(line));
  expect(read.map((event) => event.type)).toEqual([...build.map((event) => event.type), "vertex-failed"]);
  expect(Buffer.from(read[3].bytes, "base64").toString()).toBe("one\r\ntw");
  expect(read.at(-1).problem).toEqual({ code: "source-missing", message: problem.message, hint: "make it", facts: {} });
});

describe("tty progress", () => {
  const screen = (columns: number, rows: number) => {
    let text = "";
    let now = 0;
    const view = ttyProgress({ write: (part) => (text += part), size: () => ({ columns, rows }) }, pc.createColors(false), () => now);
    return {
      play(events: readonly BuildEvent[]) {
        for (const event of events) {
          now = event.atMs;
          view.emit(event);
        }
        view.end();
      },
      /** What stands on the screen at the end: the last frame. */
      last: () => (text.split("\u001b[J").at(-1) as string).split("\n").slice(0, -1),
      text: () => text,
    };
  };

  test("ends with every step, cached ones marked, and a summary by platform with bytes moved", () => {
    const s = screen(80, 24);
    s.play(build);
    const last = s.last();
    expect(last[0]).toBe("multihull  1.4s  linux/amd64 1/1  linux/arm64 2/2  pulled 3.0 MB, 2.0 kB mount…");
    expect(last[1]).toBe(" => CACHED COPY config /etc");
    expect(last[2]).toMatch(/^ => \[linux\/arm64 2\/2\] COPY m \/m +1\.2s$/);
    expect(last.slice(-4)).toEqual(["warning: careful", "linux/amd64: 1 step, 1 cached", "linux/arm64: 2 steps, 1 cached", "pulled 3.0 MB, 2.0 kB mounted"]);
  });

  test("no line is wider than the terminal, whatever a name holds", () => {
    const s = screen(40, 24);
    s.play([{ type: "vertex-started", vertex: copy, name: `COPY ${"long ".repeat(40)}\u001b[2J`, platforms: both, atMs: 0 }]);
    for (const line of s.last()) expect(line.length).toBeLessThanOrEqual(40);
    expect(s.text()).not.toContain("\u001b[2J");
  });

  test("below a program that runs stand its last lines, below one that failed more of them, below one that is done none", () => {
    const started: BuildEvent = { type: "vertex-started", vertex: copy, name: "RUN make", platforms: both, atMs: 0 };
    const says = (text: string, atMs: number): BuildEvent => ({ type: "vertex-output", vertex: copy, stream: "stderr", bytes: Buffer.from(text), atMs });
    const many = Array.from({ length: 30 }, (_, i) => `line ${i}\n`).join("");
    const running = screen(80, 24);
    running.play([started, says(`${many}10 %\r20 %\r\u001b[2Jred\n`, 100)]);
    expect(running.last().filter((line) => line.startsWith(" =>   "))).toEqual([" =>   line 27", " =>   line 28", " =>   line 29", " =>   \\x1b[2Jred"]);
    const failed = screen(80, 24);
    failed.play([started, says(`${many}no newline`, 100), { type: "vertex-failed", vertex: copy, problem, atMs: 200 }]);
    expect(failed.last().filter((line) => line.startsWith(" =>   "))).toHaveLength(20);
    expect(failed.last()).toContain(" =>   no newline");
    const done = screen(80, 24);
    done.play([started, says(many, 100), { type: "vertex-done", vertex: copy, atMs: 200 }]);
    expect(done.last().filter((line) => line.startsWith(" =>   "))).toEqual([]);
  });

  test("a terminal that says it has no size is taken for a usual one", () => {
    const s = screen(0, 0);
    s.play(build);
    expect(s.last()[1]).toBe(" => CACHED COPY config /etc");
  });
});

test("quantities", () => {
  const bytes: Readonly<Record<number, string>> = {
    0: "0 B",
    999: "999 B",
    1000: "1.0 kB",
    1500: "1.5 kB",
    999960: "1.0 MB",
    52428800: "52.4 MB",
    2000000000: "2.0 GB",
  };
  for (const [value, text] of Object.entries(bytes)) expect(bytesText(Number(value))).toBe(text);
  const times: Readonly<Record<number, string>> = { 0: "0.0s", 149: "0.1s", 59960: "1m00s", 125000: "2m05s" };
  for (const [value, text] of Object.entries(times)) expect(durationText(Number(value))).toBe(text);
});

test("problems and bugs look different", () => {
  expect(problemText(problem)).toBe('error[source-missing]: COPY names "x", which does not exist\nsecond line\nhelp: make it');
  expect(bugText(new Error("x"), "1.2.3")).toMatch(/^bug: multihull 1\.2\.3 .*please report it/);
});

test("what a prune removed, by kind", () => {
  const report = {
    removed: [
      { kind: "record", key: "steps/a", bytes: 100, usedMs: 3_600_000 },
      { kind: "blob", key: "sha256:a", bytes: 2000, usedMs: 7_200_000 },
      { kind: "blob", key: "sha256:b", bytes: 1000, usedMs: 10_740_000 },
      { kind: "cache-mount", key: "apt\u001b[2J", bytes: 50, usedMs: 0 },
      { kind: "tag", key: "app:1", bytes: 0 },
    ],
    bytes: 3150,
    kept: { blobs: 1, bytes: 5 },
  };
  const options = { dryRun: false, verbose: false, nowMs: 10_800_000 };
  expect(pruneText(report, options)).toBe(`freed 3.1 kB
  2 blobs, 3.0 kB, the oldest used 1h ago
  1 cache mount, 50 B, the oldest used 3h ago
  1 record, 100 B, the oldest used 2h ago
  1 tag, 0 B
kept 1 blob, 5 B`);
  expect(pruneText(report, { ...options, dryRun: true })).toMatch(/^would free 3\.1 kB/);
  expect(
    pruneText(report, { ...options, verbose: true })
      .split("\n")
      .slice(0, 6),
  ).toEqual([
    "  record steps/a, 100 B, used 2h ago",
    "  blob sha256:a, 2.0 kB, used 1h ago",
    "  blob sha256:b, 1.0 kB, used 1m ago",
    "  cache mount apt\\x1b[2J, 50 B, used 3h ago",
    "  tag app:1, 0 B",
    "freed 3.1 kB",
  ]);
  const partly = { ...report, kept: { ...report.kept, sandbox: { items: 2, bytes: 7000 } }, unreached: "no sandbox here" };
  expect(pruneText(partly, options).split("\n").slice(-2)).toEqual([
    "kept 1 blob, 5 B; 7.0 kB of the sandbox",
    "unpacked layers and cache mounts are left alone: no sandbox here",
  ]);
});

test("an image for people: nothing of a hostile image moves the cursor", () => {
  const text = imageText({
    version: 1,
    name: "app",
    digest: "sha256:1",
    mediaType: "index",
    annotations: {},
    others: [{ digest: "sha256:2", mediaType: "manifest", type: "attestation-manifest", size: 10 }],
    platforms: [
      {
        platform: "linux/arm64",
        digest: "sha256:3",
        mediaType: "manifest",
        configDigest: "sha256:4",
        size: 100,
        config: { Env: ["A=b\u001b[31m"], Entrypoint: ["/m"], Labels: { k: "v" }, ExposedPorts: { "80/tcp": {} } },
        annotations: {},
        layers: [{ digest: "sha256:abcdefabcdefabcdef", mediaType: "layer", size: 100, createdBy: "COPY m /m", shared: true }],
        files: [{ path: "/m\n", type: "file", mode: "0755", owner: "0:0", size: 100 }],
      },
    ],
  });
  expect(text.split("\n")).toEqual([
    "app",
    "  digest     sha256:1",
    "  type       index",
    "  platforms  linux/arm64",
    "  also       attestation-manifest sha256:2 (10 B)",
    "",
    "linux/arm64  100 B in 1 layer",
    "  digest     sha256:3",
    '  entrypoint ["/m"]',
    "  env        A=b\\x1b[31m",
    "  ports      80/tcp",
    "  label      k=v",
    "  layer      sha256:abcdefabcdef      100 B  shared  COPY m /m",
    "  file       0755 0:0     100 B  /m\\x0a",
  ]);
});
