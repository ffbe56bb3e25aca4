import { ProblemError } from "../../core/problem.ts";
import type { LayerEntry } from "../entry.ts";
import { BLOCK, checksumOf } from "./format.ts";
import { type Header, readHeader } from "./header.ts";
import { decodeName } from "./name.ts";
import { cleanPath, shown } from "./path.ts";
import { type PaxRecords, readPaxRecords, withRecords } from "./pax.ts";
import { tarPadding } from "./writer.ts";

/** What an archive may ask of us. */
export interface TarLimits {
  /** Headers of one archive: entries, and what extends them. */
  readonly entries: number;
  /** Bytes of a name or link target. */
  readonly pathBytes: number;
  /** Bytes of one PAX header, or of a GNU long name. */
  readonly paxBytes: number;
  /** Bytes of the whole archive, contents and headers. */
  readonly totalBytes: number;
  /** Characters of all names and link targets, and bytes of extended attributes, together: what a reader keeps of an archive. */
  readonly metaBytes: number;
}

/** Far above any image that is published (large ones have some 500,000 files a layer), far below what would exhaust us. */
export const TAR_LIMITS: TarLimits = {
  entries: 2_000_000,
  // Linux' PATH_MAX: a longer name could not be unpacked by anybody.
  pathBytes: 4096,
  // As Go's archive/tar; an extended attribute has at most 64 KiB on Linux.
  paxBytes: 1024 * 1024,
  totalBytes: 128 * 1024 ** 3,
  // A layer of 500,000 files has some 50 MB; without this, two million names of 4 KiB would fill any memory.
  metaBytes: 256 * 1024 * 1024,
};

export interface TarHandler {
  /**
   * Called for each entry, in the archive's order.
   * @param contentOffset  where its content begins, in bytes from the archive's start
   * @returns what takes the content (of a file), chunk by chunk; the chunks are valid during the call only. Undefined skips it.
   */
  entry(entry: LayerEntry, contentOffset: number): ((chunk: Uint8Array) => void) | undefined;
}

/** Takes an archive in chunks of any size. */
export interface TarParser {
  /** @throws {ProblemError} `layer-invalid` | `layer-unsupported` | `limit-exceeded` */
  write(chunk: Uint8Array): void;
  /** The archive is at its end. @throws {ProblemError} `layer-invalid` when it stops short */
  end(): void;
  /** Bytes that come next and that nobody wants: a caller that can seek may leave out as many, and tell by {@link skip}. */
  readonly skippable: number;
  /** The next `bytes`, at most {@link skippable}, were left out. */
  skip(bytes: number): void;
}

/**
 * Reads ustar, GNU and PAX archives. Names are cleaned ({@link cleanPath}); numbers, checksums, sizes and counts are checked; extended attributes stay raw.
 * What follows the two empty blocks of the end is left unread.
 */
export function tarParser(on: TarHandler, limits?: Partial<TarLimits>): TarParser {
  const limit = { ...TAR_LIMITS, ...limits };
  const partial = Buffer.alloc(BLOCK);
  let partialLength = 0;
  let offset = 0;
  let headers = 0;
  let emptyBlocks = 0;
  let metaBytes = 0;

  /** Content that is passing: bytes left, and who takes them. */
  let contentLeft = 0;
  let take: ((chunk: Uint8Array) => void) | undefined;
  let done: (() => void) | undefined;
  let paddingLeft = 0;

  const global: PaxRecords = new Map();
  let local: PaxRecords | undefined;
  let longName: Buffer | undefined;
  let longLink: Buffer | undefined;

  const invalid = (message: string): ProblemError =>
    new ProblemError("layer-invalid", { message: `${message}, at byte ${offset} of the archive`, facts: { offset } });

  function begin(size: number, taker: ((chunk: Uint8Array) => void) | undefined, after?: () => void): void {
    contentLeft = size;
    paddingLeft = tarPadding(size);
    take = taker;
    done = after;
    if (size === 0) finishContent();
  }

  function finishContent(): void {
    const after = done;
    take = undefined;
    done = undefined;
    after?.();
  }

  /** Gathers the small content of a special header. */
  function gather(header: Header, what: string, use: (body: Buffer) => void): void {
    if (header.size > limit.paxBytes) {
      throw new ProblemError("limit-exceeded", { message: `${what} has ${header.size} bytes, at most ${limit.paxBytes} are accepted` });
    }
    const body = Buffer.alloc(header.size);
    let at = 0;
    begin(
      header.size,
      (chunk) => {
        body.set(chunk, at);
        at += chunk.length;
      },
      () => use(body),
    );
  }

  const upToNul = (body: Buffer): Buffer => {
    const nul = body.indexOf(0);
    return nul === -1 ? body : body.subarray(0, nul);
  };

  function block(bytes: Buffer): void {
    if (isEmpty(bytes)) {
      emptyBlocks++;
      return;
    }
    if (emptyBlocks === 1) throw invalid("an empty block stands between two entries");
    const header = readHeader(bytes, checksumOf(bytes), invalid);
    if (++headers > limit.entries) {
      throw new ProblemError("limit-exceeded", { message: `an archive has more than ${limit.entries} entries`, facts: { limit: limit.entries } });
    }
    switch (header.type) {
      case "x":
      case "X":
        gather(header, "a PAX header", (body) => {
          local = new Map();
          readPaxRecords(body, local);
        });
        break;
      case "g":
        gather(header, "a global PAX header", (body) => {
          readPaxRecords(body, global);
          if (global.size > GLOBAL_RECORDS_LIMIT)
            throw new ProblemError("limit-exceeded", { message: `an archive has more than ${GLOBAL_RECORDS_LIMIT} global PAX records` });
          const held = [...global.values()].reduce((sum, value) => sum + value.length, 0);
          if (held > limit.paxBytes)
            throw new ProblemError("limit-exceeded", { message: `the global PAX records of an archive have more than ${limit.paxBytes} bytes` });
        });
        break;
      case "L":
        gather(header, "a long name", (body) => {
          longName = upToNul(body);
        });
        break;
      case "K":
        gather(header, "a long link target", (body) => {
          longLink = upToNul(body);
        });
        break;
      default:
        entry(header);
    }
  }

  function entry(header: Header): void {
    const records = local === undefined ? global : global.size === 0 ? local : new Map([...global, ...local]);
    const name = longName === undefined ? header.name : decodeName(longName);
    const link = longLink === undefined ? header.link : decodeName(longLink);
    local = undefined;
    longName = undefined;
    longLink = undefined;
    const told = records.size === 0 && name === header.name && link === header.link ? header : withRecords({ ...header, name, link }, records, invalid);
    const type = told.entryType;
    if (type === undefined) {
      throw new ProblemError("layer-unsupported", {
        message: `the entry ${shown(told.name)} is ${unknownType(told.type)}, which layers do not have`,
        facts: { type: told.type },
      });
    }
    if (told.name === "" && type !== "directory") throw invalid(`an entry of type "${type}" has no name`);
    const path = cleanPath(told.name, "name", limit.pathBytes);
    if (path === "" && type !== "directory") throw invalid(`the root is told to be a ${type}`);
    const size = type === "file" ? told.size : 0;
    const read: Mutable<LayerEntry> = { path, type, mode: told.mode, uid: told.uid, gid: told.gid, mtime: told.mtime, size };
    if (type === "symlink") read.link = symlinkTarget(told.link, path);
    else if (type === "hardlink") read.link = hardLinkTarget(told.link, path);
    else if (type === "char" || type === "block") read.device = { major: told.major, minor: told.minor };
    if (told.xattrs !== undefined) read.xattrs = told.xattrs;
    metaBytes += read.path.length + (read.link?.length ?? 0);
    for (const [key, value] of read.xattrs ?? []) metaBytes += key.length + value.length;
    if (metaBytes > limit.metaBytes) {
      throw new ProblemError("limit-exceeded", {
        message: `the names, links and attributes of an archive have more than ${limit.metaBytes} bytes`,
        facts: { limit: limit.metaBytes },
      });
    }
    if (offset + size > limit.totalBytes) throw tooLarge();
    begin(size, on.entry(read, offset));
  }

  function symlinkTarget(target: string, path: string): string {
    if (target === "") throw invalid(`the symbolic link ${shown(path)} has no target`);
    if (target.includes("\0")) throw invalid(`the target of the symbolic link ${shown(path)} holds a NUL byte`);
    if (Buffer.byteLength(target) > limit.pathBytes) {
      throw new ProblemError("limit-exceeded", { message: `the target of the symbolic link ${shown(path)} has more than ${limit.pathBytes} bytes` });
    }
    return target;
  }

  function hardLinkTarget(target: string, path: string): string {
    const cleaned = cleanPath(target, `(${shown(path)}) link target`, limit.pathBytes);
    if (cleaned === "") throw invalid(`the hard link ${shown(path)} has no target`);
    return cleaned;
  }

  const tooLarge = (): ProblemError =>
    new ProblemError("limit-exceeded", { message: `an archive is larger than ${limit.totalBytes} bytes`, facts: { limit: limit.totalBytes } });

  function advance(bytes: number): void {
    offset += bytes;
    if (offset > limit.totalBytes) throw tooLarge();
  }

  return {
    write(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let at = 0;
      while (at < bytes.length && emptyBlocks < 2) {
        const left = bytes.length - at;
        if (contentLeft > 0) {
          const length = Math.min(left, contentLeft);
          if (take !== undefined) take(bytes.subarray(at, at + length));
          at += length;
          contentLeft -= length;
          advance(length);
          if (contentLeft === 0) finishContent();
        } else if (paddingLeft > 0) {
          const length = Math.min(left, paddingLeft);
          at += length;
          paddingLeft -= length;
          advance(length);
        } else if (partialLength === 0 && left >= BLOCK) {
          const header = bytes.subarray(at, at + BLOCK);
          at += BLOCK;
          advance(BLOCK);
          block(header);
        } else {
          const length = Math.min(left, BLOCK - partialLength);
          bytes.copy(partial, partialLength, at, at + length);
          partialLength += length;
          at += length;
          advance(length);
          if (partialLength === BLOCK) {
            partialLength = 0;
            block(partial);
          }
        }
      }
    },
    end() {
      if (contentLeft > 0 || paddingLeft > 0 || partialLength > 0 || local !== undefined || longName !== undefined || longLink !== undefined) {
        throw invalid("the archive stops in the middle of an entry");
      }
      // A missing end is what some writers do; Go's reader, and so Docker, takes it. Nothing at all is an empty archive.
    },
    get skippable() {
      return take === undefined && emptyBlocks < 2 ? contentLeft + paddingLeft : 0;
    },
    skip(bytes) {
      const content = Math.min(bytes, contentLeft);
      contentLeft -= content;
      paddingLeft -= bytes - content;
      advance(bytes);
    },
  };
}

/** Records that hold for a whole archive; a few are usual (git writes one). Each is looked at for every entry. */
const GLOBAL_RECORDS_LIMIT = 50;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isEmpty(bytes: Buffer): boolean {
  for (let i = 0; i < BLOCK; i++) if (bytes[i] !== 0) return false;
  return true;
}

function unknownType(flag: string): string {
  if (flag === "S") return "a GNU sparse file";
  return `of type ${shown(flag)}`;
}
