import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { libc } from "../../src/adapters/node/sandbox/libc.ts";
import { type LowerView, lowerView } from "../../src/adapters/node/sandbox/worker/lower-view.ts";
import { namesIn, osPath } from "../../src/adapters/node/sandbox/worker/overlay-form.ts";
import { unpackLayer } from "../../src/adapters/node/sandbox/worker/unpack-layer.ts";
import { byCodeUnit } from "../../src/core/order.ts";
import type { ByteStream } from "../../src/image/blob-store.ts";
import type { LayerEntry } from "../../src/image/entry.ts";
import { tarParser } from "../../src/image/tar/reader.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import type { Tree } from "../../src/image/tree.ts";

/** Why layers cannot be unpacked here in overlay form; undefined: they can. */
export const whyNoLayerFolders = (): string | undefined => {
  if (process.getuid?.() !== 0) return "not root";
  const folder = mkdtempSync(join(tmpdir(), "multihull-form-"));
  try {
    libc().mknod(join(folder, "x"), 0o020000, 0, 0);
    libc().setXattr(folder, "user.overlay.opaque", Buffer.from("y"));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export type TestEntry = LayerEntry & { readonly content?: string };

/**
 * `dir/` a folder, `a -> b` a symlink, `a => b` a hard link, `c:1:3` a character device, `|p` a fifo, `f=text` a file with content, else an empty file.
 * `@UID:GID`, `%MODE` may follow after a space.
 */
export function testEntry(text: string): TestEntry {
  const [what = "", ...more] = text.split(/ (?=[@%])/);
  const owner = more
    .find((word) => word.startsWith("@"))
    ?.slice(1)
    .split(":") ?? ["0", "0"];
  const mode = more.find((word) => word.startsWith("%"))?.slice(1);
  const base = { uid: Number(owner[0]), gid: Number(owner[1]), mtime: 1_600_000_000, size: 0 };
  const of = (usual: number): number => (mode === undefined ? usual : Number.parseInt(mode, 8));
  const [path = "", link] = what.split(/ [-=]> /);
  if (link !== undefined && what.includes(" => ")) return { ...base, path, type: "hardlink", link, mode: of(0o644) };
  if (link !== undefined) return { ...base, path, type: "symlink", link, mode: 0o777 };
  if (what.startsWith("|")) return { ...base, path: what.slice(1), type: "fifo", mode: of(0o600) };
  if (what.endsWith("/")) return { ...base, path: what.slice(0, -1), type: "directory", mode: of(0o755) };
  const device = /^(.*):([0-9]+):([0-9]+)$/.exec(what);
  if (device !== null) return { ...base, path: device[1] ?? "", type: "char", mode: of(0o666), device: { major: Number(device[2]), minor: Number(device[3]) } };
  const equals = what.indexOf("=");
  if (equals === -1) return { ...base, path: what, type: "file", mode: of(0o644) };
  const content = what.slice(equals + 1);
  return { ...base, path: what.slice(0, equals), type: "file", mode: of(0o644), size: Buffer.byteLength(content), content };
}

/** The archive of these entries, in pieces of odd sizes. */
export async function* archiveOf(entries: readonly TestEntry[]): ByteStream {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    parts.push(tarHeader(entry));
    if (entry.type === "file" && entry.size > 0) parts.push(Buffer.from(entry.content ?? "x".repeat(entry.size)), tarPad(entry.size));
  }
  const all = Buffer.concat([...parts, TAR_END]);
  for (let at = 0; at < all.length; at += 777) yield all.subarray(at, at + 777);
}

export async function bytesOf(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What an archive holds; contents as text. */
export function entriesIn(archive: Uint8Array): TestEntry[] {
  const entries: TestEntry[] = [];
  const contents: string[] = [];
  const parser = tarParser({
    entry(entry) {
      const at = entries.push(entry) - 1;
      contents[at] = "";
      return (chunk) => {
        contents[at] += Buffer.from(chunk).toString("latin1");
      };
    },
  });
  parser.write(archive);
  parser.end();
  return entries.map((entry, at) => (entry.type === "file" ? { ...entry, content: contents[at] ?? "" } : entry));
}

/** Folders of a test, below one that is removed by `close`. */
export interface LayerFolders {
  readonly place: string;
  /** A new empty folder. */
  folder(name: string): string;
  unpack(name: string, entries: readonly TestEntry[], ids?: number): Promise<{ readonly folder: string; readonly implied: readonly string[] }>;
  close(): void;
}

export function layerFolders(): LayerFolders {
  const place = mkdtempSync(join(tmpdir(), "multihull-layers-"));
  const folder = (name: string): string => {
    const path = join(place, name);
    mkdirSync(path);
    return path;
  };
  return {
    place,
    folder,
    async unpack(name, entries, ids = 65_536) {
      const path = folder(name);
      const { implied } = await unpackLayer(archiveOf(entries), path, { ids });
      return { folder: path, implied };
    },
    close: () => rmSync(place, { recursive: true, force: true }),
  };
}

/** One line a file: what layers in overlay form look like together. */
export function shownView(lower: readonly string[]): string[] {
  const view = lowerView(lower);
  const lines: string[] = [];
  const walk = (folder: string): void => {
    for (const name of [...view.names(folder)].sort(byCodeUnit)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      lines.push(shownFile(path, view));
      walk(path);
    }
  };
  walk("");
  return lines;
}

function shownFile(path: string, view: LowerView): string {
  const found = view.find(path);
  return found === undefined ? `${path}: lost` : lineOf(path, found.at);
}

function lineOf(path: string, at: string): string {
  const stat = lstatSync(osPath(at));
  const owner = `${stat.uid}:${stat.gid}`;
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isDirectory()) return `${path}/ ${mode} ${owner} ${stat.mtimeMs / 1000}`;
  if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(osPath(at), "latin1")} ${owner}`;
  if (stat.isFIFO()) return `|${path} ${mode} ${owner}`;
  return `${path} ${mode} ${owner} ${stat.mtimeMs / 1000} ${readFileSync(osPath(at), "latin1")}`;
}

/** As {@link shownView}, of a folder as it is, but for its sockets. */
export function shownFolder(root: string): string[] {
  const lines: string[] = [];
  const walk = (folder: string): void => {
    for (const name of namesIn(join(root, folder)).sort(byCodeUnit)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const stat = lstatSync(osPath(join(root, path)));
      if (!stat.isSocket()) lines.push(lineOf(path, join(root, path)));
      if (stat.isDirectory()) walk(path);
    }
  };
  walk("");
  return lines;
}

/** All that is in a folder; no symlink is followed. */
export function pathsIn(root: string, below = ""): string[] {
  return readdirSync(join(root, below))
    .sort(byCodeUnit)
    .flatMap((name) => {
      const path = below === "" ? name : `${below}/${name}`;
      return lstatSync(join(root, path)).isDirectory() ? [path, ...pathsIn(root, path)] : [path];
    });
}

/** As {@link shownView}, of what the engine believes. */
export function shownTree<S>(tree: Tree<S>, contentOf: (source: S, path: string, offset: number) => string): string[] {
  const lines: string[] = [];
  for (const [path, node] of tree.walk()) {
    if (path === "") continue;
    const owner = `${node.uid}:${node.gid}`;
    const mode = node.mode.toString(8);
    if (node.type === "directory") lines.push(`${path}/ ${mode} ${owner} ${node.mtime}`);
    else if (node.type === "symlink") lines.push(`${path} -> ${node.link} ${owner}`);
    else if (node.type === "fifo") lines.push(`|${path} ${mode} ${owner}`);
    else lines.push(`${path} ${mode} ${owner} ${node.mtime} ${contentOf(node.source as S, node.sourcePath, node.offset ?? -1)}`);
  }
  return lines;
}
