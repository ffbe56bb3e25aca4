import { closeSync, linkSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, unlinkSync, writeSync } from "node:fs";
import { ProblemError } from "../../../../core/problem.ts";
import type { ByteStream } from "../../../../image/blob-store.ts";
import type { LayerEntry } from "../../../../image/entry.ts";
import { shown } from "../../../../image/tar/path.ts";
import { tarParser } from "../../../../image/tar/reader.ts";
import { readWhiteout } from "../../../../image/whiteout.ts";
import { libc } from "../libc.ts";
import { makeImplied, makeOpaque, makeWhiteout, osPath } from "./overlay-form.ts";
import { describeFile, describeOpenFile } from "./unpack-layer-attributes.ts";
import { below, isFolder, type Made, type MadeFolder, MadeNames, newFolder } from "./unpack-layer-names.ts";

/** What came of unpacking. */
export interface UnpackedLayer {
  /** Of contents. */
  readonly bytes: number;
  readonly entries: number;
  /**
   * Folders that lie in the layer but that its archive does not tell of, parents first: what lower layers say of them holds. `prepareUpper` needs them; so they
   * are to be kept with the layer. Mostly empty.
   */
  readonly implied: readonly string[];
}

/**
 * Unpacks a layer by itself into an empty folder, in overlay form. Devices are left out: they could do nothing in a sandbox.
 * @param archive  uncompressed tar
 * @param folder   relative to the working directory
 * @param options.ids  ids that can own files here: `[0, ids)`; a file of another owner keeps its owner's numbers in an attribute
 * @throws {ProblemError} `layer-invalid` | `layer-unsupported` | `limit-exceeded` | `disk-full` | what `archive` throws; the folder is then the caller's to remove
 */
export async function unpackLayer(archive: ByteStream, folder: string, options: { readonly ids: number }): Promise<UnpackedLayer> {
  const unpacking = new Unpacking(folder, options.ids);
  const parser = tarParser({ entry: (entry) => unpacking.entry(entry) });
  try {
    for await (const chunk of archive) parser.write(chunk);
    parser.end();
    return unpacking.end();
  } catch (error) {
    throw asProblem(error);
  } finally {
    unpacking.close();
  }
}

class Unpacking {
  readonly #folder: string;
  readonly #ids: number;
  readonly #names = new MadeNames((path, over) => this.#makeFolder(path, over));
  readonly #umask = process.umask();
  #bytes = 0;
  #entries = 0;
  /** The file that is being written. */
  #fd: number | undefined;

  constructor(folder: string, ids: number) {
    this.#folder = folder;
    this.#ids = ids;
  }

  entry(entry: LayerEntry): ((chunk: Uint8Array) => void) | undefined {
    this.#entries++;
    const slash = entry.path.lastIndexOf("/");
    const folder = slash === -1 ? "" : entry.path.slice(0, slash);
    const name = entry.path.slice(slash + 1);
    const whiteout = readWhiteout(folder, name);
    if (whiteout === "skip") return undefined;
    if (entry.path === "") {
      this.#names.root.entry = entry;
      return undefined;
    }
    const parent = this.#names.folder(folder);
    if (whiteout?.hides === "siblings") this.#opaque(parent);
    else if (whiteout !== undefined) this.#hide(parent, whiteout.name);
    else return this.#put(parent, name, entry);
    return undefined;
  }

  /** Gives the folders what was told of them: until now they were ours to write into. */
  end(): UnpackedLayer {
    const all: MadeFolder[] = [this.#names.root];
    for (const folder of all) for (const child of folder.children.values()) if (isFolder(child)) all.push(child);
    const implied: string[] = [];
    for (const { path, entry, implied: isImplied } of all) {
      if (!isImplied || entry !== undefined || path === "") continue;
      implied.push(path);
      makeImplied(this.#at(path));
    }
    // From below: a folder may forbid to enter it.
    for (const { path, entry } of all.reverse()) describeFile(this.#at(path), entry ?? { ...UNTOLD, path }, this.#ids);
    return { bytes: this.#bytes, entries: this.#entries, implied };
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #put(parent: MadeFolder, name: string, entry: LayerEntry): ((chunk: Uint8Array) => void) | undefined {
    const there = parent.children.get(name);
    const path = below(parent.path, name);
    if (entry.type === "directory") {
      const folder = isFolder(there) ? there : this.#makeFolder(path, there);
      folder.entry = entry;
      parent.children.set(name, folder);
      return undefined;
    }
    // Before anything goes away: a name may be told to be a link to itself.
    const target = entry.type === "hardlink" ? this.#names.target(entry) : undefined;
    if (target?.path === path) return undefined;
    // The target may lie in the folder that goes away; no entry can have a name like this one.
    const spare = `${this.#folder}/.wh.link`;
    if (target !== undefined) linkSync(osPath(this.#at(target.path)), spare);
    if (there !== undefined) this.#remove(path, there);
    const at = this.#at(path);
    let made: Made = "file";
    let take: ((chunk: Uint8Array) => void) | undefined;
    switch (entry.type) {
      case "file":
        take = this.#file(at, entry);
        break;
      case "hardlink":
        made = target?.made as Made;
        renameSync(spare, osPath(at));
        break;
      case "symlink":
        made = { link: entry.link ?? "" };
        symlinkSync(osPath(made.link), osPath(at));
        describeFile(at, entry, this.#ids);
        break;
      case "fifo":
        libc().mknod(osPath(at), S_IFIFO | 0o600, 0, 0);
        describeFile(at, entry, this.#ids);
        break;
      case "char":
      case "block":
        // A character device 0/0 of an archive hides, too: overlay knows no other meaning.
        made = "none";
        makeWhiteout(at);
    }
    parent.children.set(name, made);
    return take;
  }

  #file(at: string, entry: LayerEntry): ((chunk: Uint8Array) => void) | undefined {
    const fd = openSync(osPath(at), "wx", entry.mode & 0o777);
    this.#fd = fd;
    this.#bytes += entry.size;
    let left = entry.size;
    const finish = (): void => {
      describeOpenFile(fd, at, entry, this.#ids, this.#umask);
      this.close();
    };
    if (left === 0) {
      finish();
      return undefined;
    }
    return (chunk) => {
      for (let at = 0; at < chunk.byteLength; ) at += writeSync(fd, chunk, at);
      left -= chunk.byteLength;
      if (left === 0) finish();
    };
  }

  #makeFolder(path: string, over: Made | undefined): MadeFolder {
    if (over !== undefined) this.#remove(path, over);
    mkdirSync(osPath(this.#at(path)), 0o700);
    const folder = newFolder(path, over === undefined);
    // What lower layers have there was hidden by what was in its place.
    if (over !== undefined) this.#opaque(folder);
    return folder;
  }

  /** Hides what lower layers have under a name; what this layer put there stays. */
  #hide(parent: MadeFolder, name: string): void {
    const there = parent.children.get(name);
    if (isFolder(there)) this.#opaque(there);
    else if (there === undefined) {
      makeWhiteout(this.#at(below(parent.path, name)));
      parent.children.set(name, "none");
    }
  }

  #opaque(folder: MadeFolder): void {
    if (folder.opaque) return;
    folder.opaque = true;
    makeOpaque(this.#at(folder.path));
  }

  #remove(path: string, made: Made): void {
    const at = osPath(this.#at(path));
    if (isFolder(made)) {
      this.#names.forget();
      rmSync(at, { recursive: true });
    } else unlinkSync(at);
  }

  #at(path: string): string {
    return path === "" ? this.#folder : `${this.#folder}/${path}`;
  }
}

const S_IFIFO = 0o010000;
/** As the engine sees a folder that no layer tells of. */
const UNTOLD: LayerEntry = { path: "", type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };

function asProblem(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ProblemError("disk-full", { message: "no room to unpack a layer", hint: "free some room, or prune the store", cause: error });
  if (code === "ENAMETOOLONG")
    return new ProblemError("layer-unsupported", { message: `a layer has the name ${shown(path ?? "")}, which is too long for this machine`, cause: error });
  return error;
}
