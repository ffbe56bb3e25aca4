import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProblemError } from "../../../core/problem.ts";
import type { BuildContext } from "../../../engine/context.ts";
import { type ByteStream, collect } from "../../../image/blob-store.ts";
import type { LayerEntry } from "../../../image/entry.ts";
import { TAR_END, tarHeader, tarPad } from "../../../image/tar/writer.ts";
import { streamedContext } from "./archive-context.ts";

let spoolFolder: string;
beforeEach(() => {
  spoolFolder = mkdtempSync(join(tmpdir(), "multihull-archive-"));
});
afterEach(() => rmSync(spoolFolder, { recursive: true, force: true }));

type Row = Partial<LayerEntry> & { readonly path: string; readonly content?: string };
function tar(rows: readonly Row[]): Buffer {
  return Buffer.concat([
    ...rows.flatMap(({ content = "", ...row }) => {
      const bytes = Buffer.from(content);
      return [tarHeader({ type: "file", mode: 0o644, uid: 7, gid: 8, mtime: 100, ...row, size: bytes.length }), bytes, tarPad(bytes.length)];
    }),
    TAR_END,
  ]);
}
async function* inChunks(bytes: Uint8Array, size = 700): ByteStream {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
async function contextOf(bytes: Uint8Array): Promise<BuildContext> {
  const streamed = await streamedContext(inChunks(bytes), { name: "-", spoolFolder });
  if (streamed.kind !== "archive") throw new Error("taken for a Dockerfile");
  return streamed.context;
}
const contentOf = async (context: BuildContext, path: string): Promise<string> => {
  const entry = (await context.entries()).find((e) => e.path === path);
  if (entry === undefined) throw new Error(`no entry ${path}`);
  return Buffer.from(await collect(context.open(entry))).toString();
};

const usual: readonly Row[] = [
  { path: "Dockerfile", content: "FROM scratch\n" },
  { path: "src", type: "directory", mode: 0o700 },
  { path: "src/a", content: "A".repeat(2000) },
  { path: "src/link", type: "symlink", link: "/etc/passwd" },
  { path: "src/hard", type: "hardlink", link: "src/a" },
  { path: "deep/er/file", content: "made parents" },
];

for (const [name, pack] of Object.entries({ plain: (b: Buffer) => b, gzip: (b: Buffer) => gzipSync(b) }))
  test(`an archive (${name}) is served without unpacking it`, async () => {
    const context = await contextOf(pack(tar(usual)));
    expect((await context.entries()).map((e) => [e.path, e.type, e.mode.toString(8), e.uid, e.mtime, e.link])).toEqual([
      ["Dockerfile", "file", "644", 7, 100, undefined],
      ["deep", "directory", "755", 0, 100, undefined],
      ["deep/er", "directory", "755", 0, 100, undefined],
      ["deep/er/file", "file", "644", 7, 100, undefined],
      ["src", "directory", "700", 7, 100, undefined],
      ["src/a", "file", "644", 7, 100, undefined],
      ["src/hard", "hardlink", "644", 7, 100, "src/a"],
      ["src/link", "symlink", "644", 7, 100, "/etc/passwd"],
    ]);
    expect(await contentOf(context, "src/a")).toBe("A".repeat(2000));
    expect(await contentOf(context, "src/hard")).toBe("A".repeat(2000));
    expect(await contentOf(context, "deep/er/file")).toBe("made parents");
    expect(await contentOf(context, "Dockerfile")).toBe("FROM scratch\n");
    await context.close();
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

test("stamps are the same for the same archive, and differ with its content", async () => {
  const stampOf = async (rows: readonly Row[]): Promise<string | undefined> => (await (await contextOf(tar(rows))).entries())[0]?.stamp;
  expect(await stampOf(usual)).toBe(await stampOf(usual));
  expect(await stampOf(usual)).not.toBe(await stampOf([{ path: "Dockerfile", content: "FROM busybox\n" }]));
});

const replaced: Record<string, { rows: readonly Row[]; out: readonly string[] }> = {
  "the later file counts": {
    rows: [
      { path: "a", content: "1" },
      { path: "a", content: "2" },
    ],
    out: ["file a 2"],
  },
  "a file in a folder's place removes what was below": {
    rows: [
      { path: "a/b", content: "1" },
      { path: "a", content: "2" },
    ],
    out: ["file a 2"],
  },
  "what was below comes not back with the folder": {
    rows: [
      { path: "a/b/c", content: "1" },
      { path: "a", content: "2" },
      { path: "a", type: "directory" },
      { path: "a/b", type: "directory" },
    ],
    out: ["directory a", "directory a/b"],
  },
  "a folder in a file's place": {
    rows: [
      { path: "a", content: "1" },
      { path: "a", type: "directory" },
    ],
    out: ["directory a"],
  },
  "a folder told twice keeps what is below": {
    rows: [
      { path: "a/b", content: "1" },
      { path: "a", type: "directory" },
    ],
    out: ["directory a", "file a/b 1"],
  },
  "a hard link keeps the old file when its name is taken": {
    rows: [
      { path: "a", content: "old" },
      { path: "b", type: "hardlink", link: "a" },
      { path: "a", content: "new" },
    ],
    out: ["file a new", "file b old"],
  },
  "whiteouts are names like any other": {
    rows: [
      { path: "a", content: "1" },
      { path: ".wh.a", content: "" },
    ],
    out: ["file .wh.a ", "file a 1"],
  },
  "the root's own entry is nothing": {
    rows: [
      { path: "", type: "directory" },
      { path: "a", content: "1" },
    ],
    out: ["file a 1"],
  },
};
describe("entries that meet", () => {
  for (const [name, c] of Object.entries(replaced))
    test(name, async () => {
      const context = await contextOf(tar(c.rows));
      const entries = await context.entries();
      const shown = entries.map(async (e) =>
        e.type === "file" ? `file ${e.path} ${Buffer.from(await collect(context.open(e))).toString()}` : `${e.type} ${e.path}`,
      );
      expect(await Promise.all(shown)).toEqual(c.out);
    });
});

/** A header whose name the writer of ours would not write. */
function hostileHeader(name: string): Buffer {
  const header = Buffer.from(tarHeader({ path: "x".repeat(name.length), type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 }));
  header.write(name, 0);
  header.write("        ", 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return header;
}
const hostile: Record<string, Buffer> = {
  "a name that leads out": Buffer.concat([hostileHeader("../outside"), TAR_END]),
  "a name that leads out by a detour": Buffer.concat([hostileHeader("a/../../x"), TAR_END]),
  "a file below a link": tar([
    { path: "d", type: "symlink", link: "/tmp" },
    { path: "d/x", content: "1" },
  ]),
  "a file below a file": tar([
    { path: "d", content: "1" },
    { path: "d/x", content: "1" },
  ]),
  "a hard link to nothing": tar([{ path: "x", type: "hardlink", link: "etc/passwd" }]),
  "a hard link to a folder": tar([
    { path: "d", type: "directory" },
    { path: "x", type: "hardlink", link: "d" },
  ]),
  "an archive that stops short": tar(usual).subarray(0, 3000),
  "a gzip that stops short": gzipSync(tar(usual)).subarray(0, 120),
  bzip2: Buffer.from("BZh91AY&SY"),
};
describe("an archive is refused, and leaves nothing, that has", () => {
  for (const [name, bytes] of Object.entries(hostile))
    test(name, async () => {
      await expect(contextOf(bytes)).rejects.toMatchObject({ code: "context-unreadable" });
      expect(readdirSync(spoolFolder)).toEqual([]);
    });

  test("more bytes than are accepted", async () => {
    const options = { name: "-", spoolFolder, limitBytes: 4096 };
    await expect(streamedContext(inChunks(gzipSync(tar([{ path: "a", content: "0".repeat(5000) }]))), options)).rejects.toMatchObject({
      code: "limit-exceeded",
    });
    expect(readdirSync(spoolFolder)).toEqual([]);
  });
});

const dockerfiles: Record<string, Buffer> = {
  "a short text": Buffer.from("FROM scratch\n"),
  "a text longer than a header": Buffer.from(`FROM scratch\n${"# comment\n".repeat(100)}`),
  nothing: Buffer.alloc(0),
};
test("folders that no entry tells of are counted too", async () => {
  const deep = (i: number): Row => ({ path: `${i}/${"d/".repeat(2000)}f` });
  await expect(contextOf(tar(Array.from({ length: 70 }, (_, i) => deep(i))))).rejects.toMatchObject({ code: "limit-exceeded" });
});

describe("a Dockerfile on the stream is", () => {
  for (const [name, bytes] of Object.entries(dockerfiles))
    test(name, async () =>
      expect(await streamedContext(inChunks(bytes, 5), { name: "-", spoolFolder })).toEqual({ kind: "dockerfile", text: bytes.toString() }),
    );
});

test("a stream that fails midway leaves nothing", async () => {
  const failing = (async function* () {
    yield tar(usual).subarray(0, 2048);
    throw new ProblemError("download-failed", { message: "the line is cut" });
  })();
  await expect(streamedContext(failing, { name: "-", spoolFolder })).rejects.toMatchObject({ code: "download-failed" });
  expect(readdirSync(spoolFolder)).toEqual([]);
});
