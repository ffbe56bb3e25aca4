import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { zstdStream } from "./zstd-stream.ts";

/** A file, folder, link or device of a flattened file system. Two names of one file share one node. */
export interface Node {
  readonly type: "file" | "folder" | "symlink" | "char" | "block" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, with a fraction where the archive has one. */
  readonly mtime: number;
  readonly size: number;
  readonly sha256?: string;
  readonly target?: string;
  readonly device?: string;
  readonly xattrs: Readonly<Record<string, string>>;
  /** The folder was never given by a layer, only needed by a path below it. */
  readonly implied?: true;
}

/** Path without a leading slash → node; the root is "". */
export type Tree = Map<string, Node>;

/** A layer's bytes and how they are packed. */
export interface PackedLayer {
  readonly mediaType: string;
  readonly open: () => Readable;
}

const TYPES: Readonly<Record<string, Node["type"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  symlink: "symlink",
  "character-device": "char",
  "block-device": "block",
  fifo: "fifo",
};
const IMPLIED: Node = { type: "folder", mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, xattrs: {}, implied: true };

/**
 * Puts the layers of an image on top of each other, as a runtime would see them, whiteouts done.
 * Written without a look at src/, over another tar reader, so that it can judge what src/ packs.
 * @returns the tree, and what a runtime may understand differently: entries below a symbolic link, names given twice in a layer
 */
export async function flatten(layers: readonly PackedLayer[]): Promise<{ readonly tree: Tree; readonly oddities: readonly string[] }> {
  const tree: Tree = new Map();
  const oddities: string[] = [];
  for (const [number, layer] of layers.entries()) {
    const seen = new Set<string>();
    for await (const [header, sha256] of entriesOf(layer)) {
      const path = header.name.replace(/^(\.?\/)+|^\.$/, "").replace(/\/+$/, "");
      const slash = path.lastIndexOf("/");
      const folder = slash === -1 ? "" : path.slice(0, slash);
      const name = path.slice(slash + 1);
      if (path.split("/").includes("..")) oddities.push(`layer ${number}: "${path}" climbs`);
      if (seen.has(path)) oddities.push(`layer ${number}: "${path}" is given twice`);
      if (name === ".wh..wh..opq") {
        removeBelow(tree, folder, seen);
        continue;
      }
      if (name.startsWith(".wh.")) {
        remove(tree, folder === "" ? name.slice(4) : `${folder}/${name.slice(4)}`);
        continue;
      }
      seen.add(path);
      for (const parent of parentsOf(path)) {
        const there = tree.get(parent);
        if (there?.type === "symlink") oddities.push(`layer ${number}: "${path}" lies below the symbolic link "${parent}"`);
        if (there === undefined) tree.set(parent, IMPLIED);
      }
      const node = header.type === "link" ? tree.get((header.linkname ?? "").replace(/^(\.?\/)+/, "")) : nodeOf(header, sha256);
      if (node === undefined) {
        oddities.push(`layer ${number}: "${path}" is a hard link to nothing ("${header.linkname}")`);
        continue;
      }
      if (node.type !== "folder") remove(tree, path);
      tree.set(path, node);
    }
  }
  return { tree, oddities };
}

async function* entriesOf(layer: PackedLayer): AsyncGenerator<readonly [Header, string]> {
  const archive = extract();
  const source = layer.open();
  const unpacked = layer.mediaType.endsWith("gzip") ? source.pipe(createGunzip()) : layer.mediaType.endsWith("zstd") ? zstdStream(source) : source;
  source.on("error", (error) => archive.destroy(error));
  unpacked.on("error", (error) => archive.destroy(error));
  unpacked.pipe(archive);
  for await (const entry of archive) {
    const hash = createHash("sha256");
    for await (const part of entry) hash.update(part as Buffer);
    yield [entry.header, hash.digest("hex")];
    entry.resume();
  }
}

function nodeOf(header: Header, sha256: string): Node {
  const type = TYPES[header.type ?? "file"];
  if (type === undefined) throw new Error(`"${header.name}" has the unexpected entry type ${header.type}`);
  // tar-stream takes owners only from the plain header, so the extended one is looked at here.
  const pax = (header.pax ?? {}) as Record<string, string>;
  const xattrs = Object.entries(pax).flatMap(([key, value]) => (key.startsWith("SCHILY.xattr.") ? [[key.slice(13), Buffer.from(value).toString("hex")]] : []));
  return {
    type,
    mode: header.mode ?? 0,
    uid: Number(pax.uid ?? header.uid ?? 0),
    gid: Number(pax.gid ?? header.gid ?? 0),
    mtime: Number(pax.mtime ?? (header.mtime?.getTime() ?? 0) / 1000),
    size: type === "file" ? (header.size ?? 0) : 0,
    ...(type === "file" ? { sha256 } : {}),
    ...(type === "symlink" ? { target: header.linkname ?? "" } : {}),
    ...(type === "char" || type === "block" ? { device: `${header.devmajor ?? 0}:${header.devminor ?? 0}` } : {}),
    xattrs: Object.fromEntries(xattrs) as Record<string, string>,
  };
}

function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function remove(tree: Tree, path: string): void {
  tree.delete(path);
  for (const key of tree.keys()) if (key.startsWith(`${path}/`)) tree.delete(key);
}

function removeBelow(tree: Tree, folder: string, keep: ReadonlySet<string>): void {
  const prefix = folder === "" ? "" : `${folder}/`;
  for (const key of tree.keys()) if (key !== folder && key.startsWith(prefix) && !keep.has(key)) tree.delete(key);
}
