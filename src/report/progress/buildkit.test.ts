import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { recorded } from "../../../test/harness/buildkit-recordings.ts";
import { rawProgress } from "../../engine/buildkit/raw-progress.ts";
import type { BuildEvent } from "../../engine/event.ts";
import { jsonProgress } from "./json.ts";
import { Ledger } from "./ledger.ts";
import { plainProgress } from "./plain.ts";
import { ttyProgress } from "./tty.ts";

const CHOSEN: BuildEvent = { type: "engine-chosen", engine: "buildkit", builder: 'builder "team" (remote)', why: "it runs linux/arm64 natively", atMs: 0 };

/** The events of a recorded build, a hundredth of a second apart. */
function eventsOf(name: string): BuildEvent[] {
  const events: BuildEvent[] = [CHOSEN];
  let now = 0;
  const progress = rawProgress({
    events: { emit: (event) => events.push(event) },
    clock: { nowMs: () => (now += 10), sleep: () => Promise.resolve() },
  });
  for (const line of recorded(name)) progress.line(line);
  progress.end();
  return events;
}

function plain(events: readonly BuildEvent[]): string[] {
  const lines: string[] = [];
  const view = plainProgress((line) => lines.push(line.replace(/@sha256:\w+/g, "")));
  for (const event of events) view.emit(event);
  view.end();
  return lines;
}

/** What the live view shows after these events, without its clock. */
function tty(events: readonly BuildEvent[], end: boolean, columns = 70): string[] {
  let frame = "";
  let now = 0;
  const view = ttyProgress({ write: (text) => (frame = text), size: () => ({ columns, rows: 30 }) }, pc.createColors(false), () => now);
  for (const event of events) {
    now = event.atMs + 100 * events.length;
    view.emit(event);
  }
  if (end) view.end();
  return frame
    .replace(/^\u001b\[\d+A\r\u001b\[J/, "")
    .replace(/@sha256:\w+/g, "")
    .split("\n")
    .slice(0, -1);
}

describe("plain", () => {
  test("a build for two platforms that fails on one", () =>
    expect(plain(eventsOf("run-fails"))).toMatchInlineSnapshot(`
    [
      "building with builder "team" (remote): it runs linux/arm64 natively",
      "#1 [internal] load build definition from Dockerfile",
      "#1 DONE 0.0s",
      "#2 [linux/arm64 internal] load metadata for registry.example/base/busybox:1",
      "#3 [linux/amd64 internal] load metadata for registry.example/base/busybox:1",
      "#3 DONE 0.0s",
      "#4 [internal] load .dockerignore",
      "#2 DONE 0.0s",
      "#4 DONE 0.0s",
      "#5 [linux/amd64 1/3] FROM registry.example/base/busybox:1",
      "#6 [internal] load build context",
      "#7 [linux/arm64 1/3] FROM registry.example/base/busybox:1",
      "#5 DONE 0.0s",
      "#7 DONE 0.0s",
      "#7 CACHED",
      "#6 DONE 0.1s",
      "#8 [linux/amd64 3/3] RUN echo before; if [ $(uname -m) = aarch64 ]; then echo no such thing >&2; exit 7; fi; sleep 3",
      "#9 [linux/arm64 2/3] COPY hello.txt /",
      "#10 [linux/amd64 2/3] COPY hello.txt /",
      "#10 CACHED",
      "#9 DONE 0.0s",
      "#11 [linux/arm64 3/3] RUN echo before; if [ $(uname -m) = aarch64 ]; then echo no such thing >&2; exit 7; fi; sleep 3",
      "#8 before",
      "#11 before",
      "#11 no such thing",
      "#11 ERROR: "/bin/sh -c echo before; if [ $(uname -m) = aarch64 ]; then echo no such thing >&2; exit 7; fi; sleep 3" ended with status 7 (linux/arm64)",
      "linux/arm64: 3 steps, 1 cached, 1 not done",
      "linux/amd64: 3 steps, 1 cached, 1 not done",
    ]
  `));
  test("a build that is cached, and warnings", () =>
    expect(plain(eventsOf("warnings"))).toMatchInlineSnapshot(`
    [
      "building with builder "team" (remote): it runs linux/arm64 natively",
      "#1 [internal] load build definition from Dockerfile",
      "#1 DONE 0.0s",
      "WARNING: Dockerfile:1: FromAsCasing: 'as' and 'FROM' keywords' casing do not match",
      "WARNING: Dockerfile:2: MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label",
      "#2 [internal] load metadata for registry.example/base/busybox:1",
      "#2 DONE 0.0s",
      "#3 [internal] load .dockerignore",
      "#3 DONE 0.0s",
      "WARNING: Dockerfile:5: JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
      "#4 [internal] load build context",
      "#5 [base 1/1] FROM registry.example/base/busybox:1",
      "#4 DONE 0.0s",
      "#5 DONE 0.0s",
      "#6 [stage-1 1/1] COPY hello.txt /",
      "#6 CACHED",
      "#7 exporting to oci image format",
      "#8 exporting layers",
      "#8 DONE 0.0s",
      "#9 sending tarball",
      "#9 DONE 0.0s",
      "#7 DONE 0.1s",
    ]
  `));
  test("a push", () =>
    expect(plain(eventsOf("push"))).toMatchInlineSnapshot(`
    [
      "building with builder "team" (remote): it runs linux/arm64 natively",
      "#1 [internal] load build definition from Dockerfile",
      "#1 DONE 0.0s",
      "#2 [linux/amd64 internal] load metadata for registry.example/base/busybox:1",
      "#3 [linux/arm64 internal] load metadata for registry.example/base/busybox:1",
      "#3 DONE 0.0s",
      "#4 [internal] load .dockerignore",
      "#2 DONE 0.0s",
      "#4 DONE 0.0s",
      "#5 [linux/amd64 1/2] FROM registry.example/base/busybox:1",
      "#6 [linux/arm64 1/2] FROM registry.example/base/busybox:1",
      "#7 [internal] load build context",
      "#6 DONE 0.0s",
      "#6 CACHED",
      "#5 DONE 0.1s",
      "#5 CACHED",
      "#7 DONE 0.1s",
      "#8 [linux/arm64 2/2] COPY D2 /new1795387360",
      "#9 [linux/amd64 2/2] COPY D2 /new1795387360",
      "#9 DONE 0.0s",
      "#8 DONE 0.0s",
      "#10 exporting to image",
      "#11 exporting layers",
      "#11 DONE 0.0s",
      "#10 DONE 0.0s",
      "#10 exporting to image",
      "#12 pushing layers",
      "#12 DONE 0.0s",
      "#13 pushing manifest for registry.example/f/pushed:2",
      "#13 DONE 0.0s",
      "#10 DONE 0.1s",
      "linux/amd64: 3 steps, 1 cached",
      "linux/arm64: 3 steps, 1 cached",
    ]
  `));
});

describe("tty", () => {
  test("the end of a build that fails", () =>
    expect(tty(eventsOf("run-fails"), true)).toMatchInlineSnapshot(`
    [
      "multihull  2.7s  linux/arm64 3/4  linux/amd64 3/4",
      "building with builder "team" (remote): it runs linux/arm64 natively",
      " => [internal] load build definition from Dockerfile             0.0s",
      " => [linux/arm64 internal] load metadata for registry.example/b… 0.0s",
      " => [linux/amd64 internal] load metadata for registry.example/b… 0.0s",
      " => [internal] load .dockerignore                                0.0s",
      " => [linux/amd64 1/3] FROM registry.example/base/busybox:1@sha2… 0.0s",
      " => [internal] load build context                                0.1s",
      " => CACHED [linux/arm64 1/3] FROM registry.example/base/busybox:1@s…",
      " => [linux/amd64 3/3] RUN echo before; if [ $(uname -m) = aarch… 2.6s",
      " =>   before",
      " => [linux/arm64 2/3] COPY hello.txt /                           0.0s",
      " => CACHED [linux/amd64 2/3] COPY hello.txt /",
      " => ERROR [linux/arm64 3/3] RUN echo before; if [ $(uname -m) =… 0.0s",
      " =>   before",
      " =>   no such thing",
      "linux/arm64: 3 steps, 1 cached, 1 not done",
      "linux/amd64: 3 steps, 1 cached, 1 not done",
    ]
  `));
  test("while programs run", () => {
    const events = eventsOf("success");
    const first = events.findIndex(({ type }) => type === "vertex-output");
    expect(tty(events.slice(0, first + 2), false)).toMatchInlineSnapshot(`
      [
        "multihull  2.3s  linux/arm64 2/3  linux/amd64 2/2",
        "building with builder "team" (remote): it runs linux/arm64 natively",
        " => [internal] load build definition from Dockerfile             0.0s",
        " => [linux/arm64 internal] load metadata for registry.example/b… 0.0s",
        " => [linux/amd64 internal] load metadata for registry.example/b… 0.0s",
        " => [internal] load .dockerignore                                0.0s",
        " => [internal] load build context                                0.1s",
        " => CACHED [linux/arm64 base 1/2] FROM registry.example/base/busybo…",
        " => [linux/amd64 base 1/2] FROM registry.example/base/busybox:1… 0.0s",
        " => [linux/arm64 base 2/2] RUN echo one; echo two >&2; printf '… 2.1s",
      ]
    `);
  });
});

test("the ledger counts what BuildKit tells, by platform", () => {
  const ledger = new Ledger();
  for (const event of eventsOf("cached")) ledger.record(event);
  expect(ledger.platforms().toSorted((a, b) => (a.platform < b.platform ? -1 : 1))).toEqual([
    { platform: "linux/amd64", finished: 5, cached: 3, total: 5 },
    { platform: "linux/arm64", finished: 5, cached: 3, total: 5 },
  ]);
});

test("the ledger takes up again what begins anew", () => {
  const ledger = new Ledger();
  const [vertex] = eventsOf("cached").filter((event) => event.type === "vertex-started");
  if (vertex?.type !== "vertex-started") throw new Error("no vertex");
  ledger.record({ ...vertex, atMs: 1 });
  ledger.record({ type: "vertex-done", vertex: vertex.vertex, atMs: 2 });
  ledger.record({ ...vertex, atMs: 3 });
  expect(ledger.work()).toEqual([{ id: vertex.vertex, name: vertex.name, platforms: vertex.platforms, startedMs: 3, state: "running" }]);
});

test("json: every event as a line that reads back, with the problem of a failure", () => {
  const lines: string[] = [];
  const view = jsonProgress((line) => lines.push(line));
  const events = eventsOf("run-fails");
  for (const event of events) view.emit(event);
  const read = lines.map((line) => JSON.parse(line) as { type: string; problem?: { code: string; facts: object } });
  expect(read.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
  expect(read.find(({ problem }) => problem !== undefined)?.problem).toMatchObject({ code: "run-failed", facts: { exitCode: 7, platform: "linux/arm64" } });
});
