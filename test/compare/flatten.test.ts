import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Files } from "./case.ts";
import { contentOf } from "./context.ts";
import { flatten } from "./flatten.ts";

const layer = async (archive: Files, gzip = false) => {
  const bytes = await contentOf({ archive });
  return {
    mediaType: gzip ? "application/vnd.oci.image.layer.v1.tar+gzip" : "application/vnd.oci.image.layer.v1.tar",
    open: () => Readable.from([gzip ? gzipSync(bytes) : bytes]),
  };
};
const named = async (...layers: Files[]) => {
  const { tree, oddities } = await flatten(await Promise.all(layers.map((files) => layer(files))));
  return { paths: [...tree.keys()].sort(), tree, oddities };
};

describe("layers on top of each other", () => {
  test("a whiteout removes a file, and a folder with all in it", async () => {
    const { paths } = await named({ d: { folder: true }, "d/a": "1", "d/b": "2", "e/x": "3" }, { "d/.wh.a": "", ".wh.e": "" });
    expect(paths).toEqual(["d", "d/b"]);
  });
  test("an opaque folder hides what lower layers had, not what its own layer brings", async () => {
    const { paths } = await named({ d: { folder: true }, "d/old": "1" }, { d: { folder: true }, "d/new": "2", "d/.wh..wh..opq": "" });
    expect(paths).toEqual(["d", "d/new"]);
  });
  test("a file replaces a folder, and a folder given again keeps what is in it", async () => {
    const { paths, tree } = await named({ a: { folder: true }, "a/x": "1", b: { folder: true }, "b/y": "2" }, { a: "file", b: { folder: true, mode: 0o700 } });
    expect(paths).toEqual(["a", "b", "b/y"]);
    expect(tree.get("b")?.mode).toBe(0o700);
  });
  test("two names of one file share a node", async () => {
    const { tree } = await named({ a: "same", b: { hardLink: "a" } });
    expect(tree.get("b")).toBe(tree.get("a"));
  });
  test("gzip is unpacked, and owners, modes and times are read", async () => {
    const { tree } = await flatten([await layer({ f: { content: "x", mode: 0o4711, owner: [3, 4], mtime: 77 } }, true)]);
    expect(tree.get("f")).toMatchObject({ type: "file", mode: 0o4711, uid: 3, gid: 4, mtime: 77, size: 1 });
  });
});

describe("what runtimes may understand differently is told", () => {
  test("an entry below a symbolic link", async () => {
    const { oddities } = await named({ bin: { link: "usr/bin" } }, { "bin/x": "1" });
    expect(oddities).toEqual(['layer 1: "bin/x" lies below the symbolic link "bin"']);
  });
  test("a folder that only a path below it needs", async () => {
    const { tree } = await named({ "deep/file": "1" });
    expect(tree.get("deep")?.implied).toBe(true);
  });
  test("a hard link to nothing", async () => {
    const { oddities } = await named({ b: { hardLink: "none" } });
    expect(oddities).toEqual(['layer 0: "b" is a hard link to nothing ("none")']);
  });
});
