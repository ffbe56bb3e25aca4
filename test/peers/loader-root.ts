import { spawnSync } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import type { BlobReader } from "../../src/image/blob-store.ts";
import type { Descriptor } from "../../src/image/descriptor.ts";
import { Tree } from "../../src/image/tree.ts";
import type { Load } from "../../src/verify/loader/load.ts";
import { scanLayer } from "../../src/verify/scan/scan-layer.ts";
import type { ImageLayer, PlatformImage } from "../../src/verify/subject.ts";

/** Root file systems as an image of a layer each, read by the very scan that images are. */
export async function imageOfTars(
  tars: readonly string[],
  platform: PlatformImage["platform"],
  config: { readonly Env?: readonly string[]; readonly WorkingDir?: string } = {},
): Promise<PlatformImage> {
  const layers = await Promise.all(tars.map(layerOfTar));
  const files = layers.reduce((tree, layer) => tree.apply(layer.contents?.index.entries ?? [], layer), Tree.empty<ImageLayer>());
  return { name: "root", platform, config: { value: { config } }, layers, files } as unknown as PlatformImage;
}

async function layerOfTar(tar: string, before: number): Promise<ImageLayer> {
  const reader: BlobReader = { stat: async () => statSync(tar).size, open: () => createReadStream(tar, { highWaterMark: 1 << 20 }) };
  const descriptor = {
    digest: `sha256:${"0".repeat(64)}`,
    size: statSync(tar).size,
    mediaType: "application/vnd.oci.image.layer.v1.tar",
  } as unknown as Descriptor;
  const contents = await scanLayer(reader, descriptor, { hashes: false, nested: false });
  return { number: before + 1, contents } as unknown as ImageLayer;
}

/** Absolute paths of all files with a dynamic section. */
export function dynamicFiles(image: PlatformImage): readonly string[] {
  const found: string[] = [];
  const seen = new Set<number>();
  for (const [path, node] of image.files?.walk() ?? []) {
    const binary = node.type === "file" ? node.source?.contents?.binaries.get(node.offset) : undefined;
    if (binary?.format !== "elf" || binary.dynamic === undefined || seen.has(node.offset)) continue;
    seen.add(node.offset);
    found.push(`/${path}`);
  }
  return found;
}

/** What a loader lists, in a form in which two can be compared. */
export interface Listed {
  /** `name path`, or `name -` for what is not found. */
  readonly libraries: readonly string[];
  /** `version path wantedBy`. */
  readonly versions: readonly string[];
  /** Why it gave up. */
  readonly error: string | undefined;
}

/** What the real loader of a root says, run there. @param env  of the loader alone, not of what starts it */
export function realList(root: string, arch: string, program: string, env: Readonly<Record<string, string>> = {}): Listed {
  const { path, qemu } = loaderOf[arch] as Loader;
  const pairs = Object.entries({ ...(arch === "musl" ? {} : { LD_TRACE_LOADED_OBJECTS: "1" }), ...env }).map(([name, value]) => `${name}=${value}`);
  const command = qemu === undefined ? ["/usr/bin/env", ...pairs] : ["/tmp/qemu", ...pairs.flatMap((pair) => ["-E", pair])];
  const result = spawnSync("chroot", [root, ...command, ...(arch === "musl" ? [path, "--list"] : [path]), program], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    encoding: "utf8",
    timeout: 20_000,
  });
  return readList(`${result.stdout}\n${result.stderr}`);
}

const LOADER = /\/ld(?:-linux|64|-musl)[^/]*$/;
const LINE = /^\t(\S+)(?: => (\S.*?))?(?: \(0x[0-9a-f]+\))?$/;
const VERSION = /: (\S+): version `(.+)' not found \(required by (\S+)\)/;
const FAILED = /error while loading shared libraries: (.+)/;
const MUSL_MISSING = /^Error loading shared library ([^:]+): (.+) \(needed by/;

export function readList(text: string): Listed {
  const libraries = new Set<string>();
  const versions = new Set<string>();
  let error: string | undefined;
  for (const line of text.split("\n")) {
    const version = VERSION.exec(line);
    if (version !== null) {
      versions.add(`${version[2]} ${version[1]} ${version[3]}`);
      continue;
    }
    const failed = FAILED.exec(line);
    if (failed !== null) {
      error ??= failed[1];
      continue;
    }
    const missing = MUSL_MISSING.exec(line);
    if (missing !== null) libraries.add(`${missing[1]} -`);
    const found = LINE.exec(line);
    if (found === null || /^linux-(?:vdso|gate)/.test(found[1] as string)) continue;
    // The loader itself is always listed, under a name that depends on how it was run.
    if (found[1] === "statically" || LOADER.test(found[2] ?? (found[1] as string))) continue;
    const path = found[2] ?? (found[1] as string);
    // A relative one is told as it is; the root is the working folder.
    libraries.add(`${found[1]} ${path === "not found" ? "-" : path.startsWith("/") ? path : `/${path}`}`);
  }
  return { libraries: [...libraries].sort(), versions: [...versions].sort(), error };
}

/** The same of ours. */
export function ourList(load: Load): Listed {
  const refused = load.missing.find((missing) => missing.refused !== undefined)?.refused;
  return {
    libraries: [
      ...load.libraries.filter(({ path }) => !LOADER.test(path)).map(({ name, path }) => `${name} ${path}`),
      ...load.missing.map(({ name }) => `${name} -`),
    ].sort(),
    versions: load.missingVersions.map(({ version, path, wantedBy }) => `${version} ${path} ${wantedBy}`).sort(),
    error: refused === undefined ? undefined : `${refused.file.path}: ${refused.says}`,
  };
}

interface Loader {
  readonly path: string;
  readonly platform: PlatformImage["platform"];
  readonly qemu: string | undefined;
}

/** By Debian's word for the architecture. */
export const loaderOf: Readonly<Record<string, Loader>> = {
  musl: { path: "/lib/ld-musl-x86_64.so.1", platform: { os: "linux", architecture: "amd64" }, qemu: undefined },
  amd64: { path: "/lib64/ld-linux-x86-64.so.2", platform: { os: "linux", architecture: "amd64" }, qemu: undefined },
  arm64: { path: "/lib/ld-linux-aarch64.so.1", platform: { os: "linux", architecture: "arm64" }, qemu: "aarch64" },
  armhf: { path: "/lib/ld-linux-armhf.so.3", platform: { os: "linux", architecture: "arm", variant: "v7" }, qemu: "arm" },
  i386: { path: "/lib/ld-linux.so.2", platform: { os: "linux", architecture: "386" }, qemu: "i386" },
  riscv64: { path: "/lib/ld-linux-riscv64-lp64d.so.1", platform: { os: "linux", architecture: "riscv64" }, qemu: "riscv64" },
  s390x: { path: "/lib/ld64.so.1", platform: { os: "linux", architecture: "s390x" }, qemu: "s390x" },
  ppc64el: { path: "/lib64/ld64.so.2", platform: { os: "linux", architecture: "ppc64le" }, qemu: "ppc64le" },
};
