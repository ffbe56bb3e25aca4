import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import type { EntryType, LayerEntry } from "../../src/image/entry.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import { elfFile, machoFile, peFile } from "./elf-file.ts";
import type { MadeBytes, MadeFile, MadeFileFields } from "./made-image-spec.ts";

/** When files of made images were changed last. */
export const MADE_FILE_TIME = 1_767_225_600;

/** The archive of a layer. */
export function tarOf(files: Readonly<Record<string, MadeFile>>): Buffer {
  const parts: Uint8Array[] = [];
  for (const [path, file] of Object.entries(files)) {
    const entry = entryOf(path, typeof file === "string" ? { text: file } : file);
    parts.push(tarHeader(entry.entry));
    if (entry.entry.type === "file") parts.push(entry.content, tarPad(entry.content.length));
  }
  return Buffer.concat([...parts, TAR_END]);
}

function entryOf(path: string, file: MadeFileFields): { readonly entry: LayerEntry; readonly content: Uint8Array } {
  const type = typeOf(file);
  const content = type === "file" ? contentOf(file) : Buffer.alloc(0);
  const device = file.char ?? file.block;
  const link = file.link ?? file.hardlink;
  const entry: LayerEntry = {
    path: nameOf(path, file),
    type,
    mode: file.mode ?? (type === "directory" ? 0o755 : type === "symlink" ? 0o777 : file.elf === undefined ? 0o644 : 0o755),
    uid: file.uid ?? 0,
    gid: file.gid ?? 0,
    mtime: file.mtime ?? MADE_FILE_TIME,
    size: content.length,
    ...(link === undefined ? {} : { link }),
    ...(device === undefined ? {} : { device: { major: device[0], minor: device[1] } }),
    ...(file.xattrs === undefined
      ? {}
      : { xattrs: new Map(Object.entries(file.xattrs).map(([key, value]): [string, Uint8Array] => [key, Buffer.from(value, "base64")])) }),
  };
  return { entry, content };
}

function nameOf(path: string, file: MadeFileFields): string {
  if (file.opaque === true) return `${path}/.wh..wh..opq`;
  if (file.whiteout !== true) return path;
  const slash = path.lastIndexOf("/") + 1;
  return `${path.slice(0, slash)}.wh.${path.slice(slash)}`;
}

function typeOf(file: MadeFileFields): EntryType {
  if (file.link !== undefined) return "symlink";
  if (file.hardlink !== undefined) return "hardlink";
  if (file.folder === true) return "directory";
  if (file.char !== undefined) return "char";
  if (file.block !== undefined) return "block";
  return file.fifo === true ? "fifo" : "file";
}

/** What a file holds that is no folder, link or the like. */
export const bytesOfFile = (file: MadeFile): Buffer => (typeof file === "string" ? Buffer.from(file) : contentOf(file));

function contentOf(file: MadeFileFields): Buffer {
  if (file.elf !== undefined) return elfFile(file.elf);
  if (file.pe !== undefined) return peFile(file.pe);
  if (file.macho !== undefined) return machoFile(file.macho);
  if (file.zip !== undefined) return zipOf(file.zip);
  if (file.tar !== undefined) return tarOf(file.tar);
  if (file.tgz !== undefined) return gzipSync(tarOf(file.tgz));
  if (file.size !== undefined) return Buffer.alloc(file.size);
  if (file.noise !== undefined) return noise(file.noise);
  return bytesOf(file);
}

export function bytesOf({ text, base64, hex }: MadeBytes): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return hex === undefined ? Buffer.from(text ?? "") : Buffer.from(hex.replace(/\s/g, ""), "hex");
}

/** Bytes that do not shrink, always the same. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 0x2545_f491;
  for (let at = 0; at < size; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

/** A zip archive of stored and deflated files, every second one. */
function zipOf(files: Readonly<Record<string, MadeFile>>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [i, [path, file]] of Object.entries(files).entries()) {
    const { content } = entryOf(path, typeof file === "string" ? { text: file } : file);
    const name = Buffer.from(path);
    const packed = i % 2 === 0 ? Buffer.from(content) : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(i % 2 === 0 ? 0 : 8, 4);
    common.writeUInt16LE(0x5c21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from("PK\x03\x04", "latin1"), common, name, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    centrals.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, rest, name);
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
