import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import { type ByteStream, collect } from "../image/blob-store.ts";
import { withKeptStdin } from "./kept-stdin.ts";

function setting(stdin: () => ByteStream): {
  readonly folder: string;
  readonly world: World;
  readonly reads: () => number;
  readonly left: () => readonly string[];
} {
  const folder = mkdtempSync(join(tmpdir(), "kept-stdin-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let reads = 0;
  const world: World = {
    ...nodeWorld(),
    stdin() {
      reads++;
      return stdin();
    },
  };
  return { folder, world, reads: () => reads, left: () => readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name !== "work") };
}

async function* text(...parts: readonly string[]): ByteStream {
  for (const part of parts) yield Buffer.from(part);
}
const said = async (world: World): Promise<string> => Buffer.from(await collect(world.stdin())).toString();

test.each([
  ["a Dockerfile", { file: "-" }],
  ["a context", { context: "-" }],
])("%s on stdin is read once and given as often as it is wanted, and not kept", async (_name, request) => {
  const { folder, world, reads, left } = setting(() => text("one ", "two"));
  const twice = await withKeptStdin(request, world, folder, async (kept) => [await said(kept), await said(kept)]);
  expect(twice).toEqual(["one two", "one two"]);
  expect([reads(), left()]).toEqual([1, []]);
});

test("stdin that nobody wants is not touched", async () => {
  const { folder, world, reads, left } = setting(() => text("x"));
  expect(await withKeptStdin({ context: ".", file: "Dockerfile" }, world, folder, async (same) => same === world)).toBe(true);
  expect([reads(), left()]).toEqual([0, []]);
});

test("what was kept is gone also when the build fails", async () => {
  const { folder, world, left } = setting(() => text("x"));
  const failing = withKeptStdin({ file: "-" }, world, folder, async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(left()).toEqual([]);
});

test("who types and never ends can be stopped", async () => {
  const typed = new PassThrough();
  const stop = new AbortController();
  const { folder, world, left } = setting(() => {
    queueMicrotask(() => stop.abort(new ProblemError("interrupted", { message: "stopped" })));
    return typed;
  });
  await expect(withKeptStdin({ file: "-", signal: stop.signal }, world, folder, async () => "never")).rejects.toThrow(/stopped|abort/i);
  expect(left()).toEqual([]);
});
