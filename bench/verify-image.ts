import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { MEDIA_TYPE } from "../src/core/media-type.ts";
import { type BlobStore, putBytes } from "../src/image/blob-store.ts";
import type { Descriptor } from "../src/image/descriptor.ts";
import { packLayer } from "../src/image/pack.ts";
import { TAR_END, tarHeader, tarPad } from "../src/image/tar/writer.ts";

const MEGABYTE = 1_000_000;
/** Where the machine's own programs, libraries and other files lie. */
const SOURCES = ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/share"];
/** The program that starts, and what most programs need. */
const FIRST =
  /^usr\/bin\/bash$|^usr\/lib\/x86_64-linux-gnu\/(?:ld-linux-x86-64\.so\.2|lib(?:c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+|z|selinux|pcre2-8|tinfo)\.so\.[\d.]+)$/;
const PLATFORMS = ["amd64", "arm64"] as const;

interface SourceFile {
  readonly path: string;
  readonly size: number;
}

/** An image in a store, and what it holds. */
export interface VerifyImage {
  readonly root: Descriptor;
  /** Distinct ones, in the order of first use. */
  readonly layers: readonly Descriptor[];
  /** Everything but the root, in an order in which a registry takes it. */
  readonly manifests: readonly Descriptor[];
  readonly configs: readonly Descriptor[];
  /** Of one platform. */
  readonly files: number;
  readonly binaries: number;
  readonly unpackedBytes: number;
}

/**
 * An image for two platforms made of this machine's files: 20,000 of them, 2,000 of which are ELF, about 1 GB for each platform at `scale` 1. Two of the four layers are shared. The
 * programs of arm64 are those of amd64 with another machine and interpreter in their headers.
 */
export async function makeVerifyImage(store: BlobStore, scale: number): Promise<VerifyImage> {
  const [binaries, others, links] = sourceFiles();
  const elf = choose(binaries, Math.round(2000 * scale), 650 * MEGABYTE * scale);
  const plain = choose(others, Math.round(18_000 * scale), 350 * MEGABYTE * scale);
  const part = <T>(list: readonly T[], from: number, to: number): readonly T[] => list.slice(Math.round(from * list.length), Math.round(to * list.length));
  const shared = [await layerOf(store, part(plain, 0, 0.3)), await layerOf(store, part(plain, 0.5, 1))] as const;
  const manifests: Descriptor[] = [];
  const configs: Descriptor[] = [];
  const all: Descriptor[] = [];
  let unpackedBytes = 0;
  for (const architecture of PLATFORMS) {
    const libraries = await layerOf(store, [...part(elf, 0, 0.6), ...part(plain, 0.3, 0.4)], architecture, links);
    const programs = await layerOf(store, [...part(elf, 0.6, 1), ...part(plain, 0.4, 0.5)], architecture);
    const layers = [shared[0], libraries, programs, shared[1]];
    unpackedBytes = layers.reduce((sum, layer) => sum + layer.unpacked, 0);
    const config = await document(store, MEDIA_TYPE.ociConfig, {
      architecture,
      os: "linux",
      config: { Entrypoint: ["/usr/bin/bash"] },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    });
    configs.push(config);
    all.push(...layers.map(({ descriptor }) => descriptor));
    const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: layers.map(({ descriptor }) => descriptor) };
    manifests.push({ ...(await document(store, MEDIA_TYPE.ociManifest, manifest)), platform: { os: "linux", architecture } });
  }
  const root = await document(store, MEDIA_TYPE.ociIndex, { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests });
  const layers = [...new Map(all.map((layer) => [layer.digest, layer])).values()];
  return { root, layers, manifests, configs, files: elf.length + plain.length, binaries: elf.length, unpackedBytes };
}

async function document(store: BlobStore, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, digest: await putBytes(store, bytes), size: bytes.length };
}

interface SourceLink {
  readonly path: string;
  readonly link: string;
}

function sourceFiles(): [binaries: SourceFile[], others: SourceFile[], links: SourceLink[]] {
  const binaries: SourceFile[] = [];
  const others: SourceFile[] = [];
  const links: SourceLink[] = [];
  const head = Buffer.alloc(20);
  for (const source of SOURCES) {
    for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      // Libraries are found by links.
      if (entry.isSymbolicLink() && entry.name.includes(".so")) links.push({ path: path.slice(1), link: readlinkSync(path) });
      if (!entry.isFile()) continue;
      const { size } = statSync(path);
      if (size === 0) continue;
      const at = openSync(path, "r");
      readSync(at, head, 0, head.length, 0);
      closeSync(at);
      const isElf = head.subarray(0, 4).equals(ELF_MAGIC);
      // Programs of other machines lie there too.
      if (isElf && head.readUInt16LE(MACHINE_AT) !== AMD64) continue;
      (isElf ? binaries : others).push({ path: path.slice(1), size });
    }
  }
  const order = new Map([...binaries, ...others].map(({ path }) => [path, FIRST.test(path) ? "" : createHash("sha256").update(path).digest("hex")]));
  const byHash = (a: SourceFile, b: SourceFile): number => ((order.get(a.path) as string) < (order.get(b.path) as string) ? -1 : 1);
  return [binaries.sort(byHash), others.sort(byHash), links];
}

/** As many files, the smaller ones, which have `bytes` or a little more together; where the machine has too few, some come again under another name. */
function choose(pool: readonly SourceFile[], count: number, bytes: number): readonly SourceFile[] {
  let chosen: readonly SourceFile[] = [];
  for (let cap = 64 * 1024; cap <= 64 * MEGABYTE; cap *= 1.25) {
    const fitting = pool.filter(({ path, size }) => size <= cap || FIRST.test(path));
    const next = Array.from({ length: fitting.length === 0 ? 0 : count }, (_, i) => {
      const file = fitting[i % fitting.length] as SourceFile;
      const round = Math.floor(i / fitting.length);
      return round === 0 ? file : { ...file, path: `opt/copy-${round}/${file.path}` };
    });
    chosen = next;
    if (next.reduce((sum, { size }) => sum + size, 0) >= bytes) break;
  }
  return chosen;
}

interface MadeLayer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly unpacked: number;
}

async function layerOf(
  store: BlobStore,
  files: readonly SourceFile[],
  architecture: (typeof PLATFORMS)[number] = "amd64",
  links: readonly SourceLink[] = [],
): Promise<MadeLayer> {
  const writer = await store.create();
  try {
    const packed = await packLayer(writer, { compression: "gzip" }, async (write) => {
      for (const { path } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
        const real = readFileSync(`/${path.replace(/^opt\/copy-\d+\//, "")}`);
        const bytes = architecture === "amd64" ? real : forArm64(real);
        await write(tarHeader({ path, type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: bytes.length }));
        await write(bytes);
        await write(tarPad(bytes.length));
      }
      for (const { path, link } of links.length === 0 ? [] : [...links, ...linksOf(architecture)]) {
        await write(tarHeader({ path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 0, size: 0, link }));
      }
      await write(TAR_END);
    });
    const descriptor = { mediaType: MEDIA_TYPE.ociLayerGzip, digest: packed.digest, size: packed.size };
    return { descriptor, diffId: packed.diffId, unpacked: packed.uncompressedSize };
  } finally {
    await writer.abort();
  }
}

const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** `e_machine` in an ELF header, and its values. */
const MACHINE_AT = 18;
const AMD64 = 62;
const ARM64 = 183;
/** What a program's header names, and where the amd64 one lies, under the same name for all. */
const LIBRARY_FOLDER = "/usr/lib/x86_64-linux-gnu";
const LOADERS = [Buffer.from("/lib64/ld-linux-x86-64.so.2\0"), Buffer.from("/lib/ld-linux-aarch64.so.1\0\0")] as const;

/** Folders of a merged /usr, the loader, and the folder where it looks. */
const linksOf = (architecture: (typeof PLATFORMS)[number]): readonly SourceLink[] => [
  ...["bin", "sbin", "lib", "lib64"].map((path) => ({ path, link: `usr/${path}` })),
  ...(architecture === "amd64"
    ? []
    : [
        { path: "usr/lib/ld-linux-aarch64.so.1", link: `${LIBRARY_FOLDER}/ld-linux-x86-64.so.2` },
        { path: "usr/lib/aarch64-linux-gnu", link: LIBRARY_FOLDER },
      ]),
];

function forArm64(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 4).equals(ELF_MAGIC)) return bytes;
  bytes.writeUInt16LE(ARM64, MACHINE_AT);
  const at = bytes.indexOf(LOADERS[0]);
  if (at !== -1) LOADERS[1].copy(bytes, at);
  return bytes;
}
