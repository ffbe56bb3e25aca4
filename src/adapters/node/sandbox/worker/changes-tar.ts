import { type BigIntStats, closeSync, constants, lstatSync, openSync, readlinkSync, readSync } from "node:fs";
import type { ByteStream } from "../../../../image/blob-store.ts";
import type { EntryType, LayerEntry } from "../../../../image/entry.ts";
import { decodeName } from "../../../../image/tar/name.ts";
import { TAR_END, tarHeader, tarPad } from "../../../../image/tar/writer.ts";
import { WHITEOUT_PREFIX } from "../../../../image/whiteout.ts";
import { libc } from "../libc.ts";
import { ownerOf } from "./file-owner.ts";
import { osPath } from "./overlay-form.ts";

/** Something that changed; paths have no leading slash. */
export type Change =
  | { readonly kind: "gone"; readonly path: string }
  /** `same`: as it was, but another name of the file may have changed. */
  | { readonly kind: "is"; readonly path: string; readonly stat: BigIntStats; readonly same: boolean };

/**
 * The layer of these changes as BuildKit (containerd) writes it: the folders above a change are part of it, the root is not; sockets are left out; of a file
 * with several names those after the first are links to it; of attributes there are only capabilities; whiteouts have no time.
 * @param root     where the files are
 * @param changes  in the order of a walk, parents first
 * @param epoch    seconds: no time is later
 * @returns chunks are the consumer's to keep
 */
export async function* changesTar(root: string, changes: Iterable<Change>, epoch: number | undefined): ByteStream {
  yield* blocks(new ChangeWriter(root, epoch).pieces(changes));
}

const BLOCK_BYTES = 256 * 1024;

/** Small pieces together, large ones apart: whoever takes them pays for each. */
function* blocks(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let length = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; ) {
      const taken = Math.min(piece.byteLength - at, BLOCK_BYTES - length);
      block.set(piece.subarray(at, at + taken), length);
      at += taken;
      length += taken;
      if (length === BLOCK_BYTES) {
        yield block;
        block = Buffer.allocUnsafe(BLOCK_BYTES);
        length = 0;
      }
    }
  }
  if (length > 0) yield block.subarray(0, length);
}

const READ_BYTES = 256 * 1024;

class ChangeWriter {
  readonly #root: string;
  readonly #epoch: number;
  /** Folders that the archive has. */
  readonly #folders = new Set<string>([""]);
  /** Of files with several names: the name that the archive has first. */
  readonly #firstNames = new Map<bigint, string>();
  /** Names of files that are as they were, until another name of the file turns out to be new. */
  readonly #otherNames = new Map<bigint, string[]>();
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(root: string, epoch: number | undefined) {
    this.#root = root;
    this.#epoch = epoch ?? Number.POSITIVE_INFINITY;
  }

  /** Pieces are valid until the next one is asked for. */
  *pieces(changes: Iterable<Change>): Generator<Uint8Array> {
    for (const change of changes) {
      if (change.kind === "gone") yield* this.#whiteout(change.path);
      else yield* this.#present(change.path, change.stat, change.same);
    }
    yield TAR_END;
  }

  *#whiteout(path: string): Generator<Uint8Array> {
    yield* this.#parents(path);
    const slash = path.lastIndexOf("/") + 1;
    const hidden = `${path.slice(0, slash)}${WHITEOUT_PREFIX}${path.slice(slash)}`;
    yield tarHeader({ path: hidden, type: "file", mode: 0, uid: 0, gid: 0, mtime: 0, size: 0 });
  }

  *#present(path: string, stat: BigIntStats, same: boolean): Generator<Uint8Array> {
    const type = typeOf(stat);
    if (type === undefined) return;
    let others: readonly string[] = [];
    let first: string | undefined;
    if (type !== "directory" && stat.nlink > 1n) {
      first = this.#firstNames.get(stat.ino);
      if (first === undefined) {
        others = this.#otherNames.get(stat.ino) ?? [];
        if (same) {
          this.#otherNames.set(stat.ino, [...others, path]);
          return;
        }
        this.#firstNames.set(stat.ino, path);
        this.#otherNames.delete(stat.ino);
      }
    } else if (same) return;
    yield* this.#parents(path);
    if (type === "directory") this.#folders.add(path);
    const entry = this.#entry(path, type, stat);
    if (first !== undefined) {
      yield tarHeader(linkTo(first, path, entry));
      return;
    }
    yield tarHeader(entry);
    if (type === "file") yield* this.#content(path, entry.size);
    for (const other of others) {
      yield* this.#parents(other);
      yield tarHeader(linkTo(path, other, entry));
    }
  }

  *#parents(path: string): Generator<Uint8Array> {
    const slash = path.lastIndexOf("/");
    const parent = slash === -1 ? "" : path.slice(0, slash);
    if (this.#folders.has(parent)) return;
    yield* this.#present(parent, lstatSync(osPath(this.#at(parent)), { bigint: true }), false);
  }

  #entry(path: string, type: Exclude<EntryType, "hardlink">, stat: BigIntStats): LayerEntry {
    const at = this.#at(path);
    const mtime = Math.min(Number(stat.mtimeNs / NS - (stat.mtimeNs % NS < 0n ? 1n : 0n)), this.#epoch);
    const { uid, gid } = ownerOf(at, stat);
    const entry: LayerEntry = { path, type, mode: Number(stat.mode & 0o7777n), uid, gid, mtime, size: type === "file" ? Number(stat.size) : 0 };
    if (type === "symlink") return { ...entry, link: decodeName(readlinkSync(osPath(at), { encoding: "buffer" })) };
    if (type === "char" || type === "block") return { ...entry, device: deviceOf(stat.rdev) };
    const capability = type === "file" ? libc().getXattr(osPath(at), CAPABILITY) : undefined;
    return capability === undefined ? entry : { ...entry, xattrs: new Map([[CAPABILITY, capability]]) };
  }

  /** As many bytes as the header says, whatever became of the file: the archive stays one. */
  *#content(path: string, size: number): Generator<Uint8Array> {
    if (size === 0) return;
    const fd = openSync(osPath(this.#at(path)), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      for (let left = size; left > 0; ) {
        let got = readSync(fd, this.#buffer, 0, Math.min(left, READ_BYTES), null);
        if (got === 0) {
          got = Math.min(left, READ_BYTES);
          this.#buffer.fill(0, 0, got);
        }
        left -= got;
        yield this.#buffer.subarray(0, got);
      }
    } finally {
      closeSync(fd);
    }
    yield tarPad(size);
  }

  #at(path: string): string {
    return `${this.#root}/${path}`;
  }
}

const NS = 1_000_000_000n;
const CAPABILITY = "security.capability";

const linkTo = (first: string, path: string, entry: LayerEntry): LayerEntry => ({ ...entry, path, type: "hardlink", link: first, size: 0 });

/** Undefined for a socket, which archives do not have. */
function typeOf(stat: BigIntStats): Exclude<EntryType, "hardlink"> | undefined {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isFIFO()) return "fifo";
  if (stat.isCharacterDevice()) return "char";
  return stat.isBlockDevice() ? "block" : undefined;
}

/** As glibc's major(3) and minor(3). */
function deviceOf(rdev: bigint): { readonly major: number; readonly minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return { major: Number(major & 0xffffffffn), minor: Number(minor & 0xffffffffn) };
}
