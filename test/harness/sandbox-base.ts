import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative } from "node:path";
import { digestOf } from "../../src/core/digest.ts";
import type { LayerEntry } from "../../src/image/entry.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";

/** What a root for tests is made of: the machine's own programs, those of them that there are. */
const TOOLS = [
  ...[
    "sh",
    "cat",
    "ls",
    "id",
    "env",
    "mkdir",
    "rmdir",
    "rm",
    "mv",
    "ln",
    "cp",
    "dd",
    "chmod",
    "chown",
    "touch",
    "sleep",
    "kill",
    "mount",
    "umount",
    "mknod",
    "unshare",
  ],
  ...[
    "setsid",
    "grep",
    "sed",
    "stat",
    "find",
    "head",
    "sort",
    "tr",
    "wc",
    "readlink",
    "true",
    "false",
    "uname",
    "date",
    "seq",
    "truncate",
    "mkfifo",
    "chroot",
    "nsenter",
  ],
];

/** Go's name of the machine's processor. */
export const HOST_ARCHITECTURE: string =
  ({ x64: "amd64", ia32: "386", arm64: "arm64", riscv64: "riscv64", s390x: "s390x", ppc64: "ppc64le", arm: "arm" } as Readonly<Record<string, string>>)[
    process.arch
  ] ?? process.arch;

/** A file of a root: an absolute path inside, and where its bytes come from. */
type Content = { readonly bytes: Buffer } | { readonly host: string };
type Entry = Partial<LayerEntry> & { readonly path: string };

/**
 * A small root file system as an uncompressed tar, made of this machine's programs and the libraries that they need: the same bytes on the same machine.
 * undefined where the machine has no `ldd` to ask.
 */
export function hostRootTar(programs: readonly string[] = TOOLS): Buffer | undefined {
  if (process.platform !== "linux") return undefined;
  const key = programs.join(" ");
  if (!made.has(key)) made.set(key, makeRoot(programs));
  return made.get(key);
}
const made = new Map<string, Buffer | undefined>();

function makeRoot(programs: readonly string[]): Buffer | undefined {
  const files = new Map<string, string>();
  for (const name of programs) {
    const host = which(name);
    if (host === undefined) continue;
    files.set(`bin/${name}`, realpathSync(host));
    const libraries = librariesOf(host);
    if (libraries === undefined) return undefined;
    for (const library of libraries) files.set(library.replace(/^\/+/, ""), realpathSync(library));
  }
  if (!files.has("bin/sh")) return undefined;
  const texts = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\napp:x:1000:1000:an ordinary user:/home/app:/bin/sh\n",
    "etc/group": "root:x:0:\ndaemon:x:1:\nwheel:x:10:root,app\napp:x:1000:\n",
    "etc/ld.so.conf": "",
  };
  return tarOfFiles([
    ...["dev", "proc", "root", "sys", "usr/bin", "usr/sbin", "var"].map((path): Entry => ({ path, type: "directory" })),
    { path: "home/app", type: "directory", uid: 1000, gid: 1000 },
    { path: "tmp", type: "directory", mode: 0o1777 },
    ...Object.entries(texts).map(([path, text]) => ({ path, mode: 0o644, content: { bytes: Buffer.from(text) } })),
    ...[...files].map(([path, host]) => ({ path, content: { host } })),
  ]);
}

/** Node itself, its libraries, and koffi, as the tar of a layer: with them a program of a few lines can make any system call. The script gets `require("koffi")` by NODE_PATH=/node_modules. */
export function nodeLayerTar(): Buffer | undefined {
  const libraries = librariesOf(process.execPath);
  const koffi = koffiFiles();
  if (libraries === undefined || koffi === undefined) return undefined;
  return tarOfFiles([
    { path: "bin/node", content: { host: process.execPath } },
    ...libraries.map((path) => ({ path: path.replace(/^\/+/, ""), content: { host: realpathSync(path) } })),
    ...koffi.map(([path, host]) => ({ path, mode: 0o644, content: { host } })),
  ]);
}

/** What of koffi this machine needs: its scripts, and its one binary. */
function koffiFiles(): [path: string, host: string][] | undefined {
  const require = createRequire(import.meta.url);
  try {
    const home = dirname(require.resolve("koffi"));
    const scope = join(dirname(home), "@koromix");
    const binaries = existsSync(scope) ? readdirSync(scope).map((name) => join(scope, name)) : [];
    return [home, ...binaries].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(node|c?js|json)$/.test(entry.name))
        .map((entry): [string, string] => {
          const host = join(entry.parentPath, entry.name);
          return [join("node_modules", relative(dirname(home), host)), host];
        }),
    );
  } catch {
    return undefined;
  }
}

/** The path of a program on PATH, or where administrators' programs are. */
export function which(name: string): string | undefined {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/bin", "/bin"]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Libraries and the loader that a program needs, by the paths at which they are looked for; none for a static one, undefined where that cannot be asked. */
function librariesOf(program: string): string[] | undefined {
  const { status, stdout, error } = spawnSync("ldd", [program], { encoding: "utf8" });
  if (error !== undefined) return undefined;
  if (status !== 0) return [];
  return [...stdout.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path]) => path as string);
}

function tarOfFiles(entries: readonly (Entry & { readonly content?: Content })[]): Buffer {
  const all = new Map<string, Entry & { readonly content?: Content }>();
  for (const entry of entries) {
    for (let parent = dirname(entry.path); parent !== "."; parent = dirname(parent)) if (!all.has(parent)) all.set(parent, { path: parent, type: "directory" });
    all.set(entry.path, entry);
  }
  const sorted = [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return Buffer.concat([
    ...sorted.flatMap(({ content, ...entry }) => {
      const bytes = content === undefined ? Buffer.alloc(0) : "bytes" in content ? content.bytes : readFileSync(content.host);
      return [tarHeader({ type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 1_000_000_000, ...entry, size: bytes.length }), bytes, tarPad(bytes.length)];
    }),
    TAR_END,
  ]);
}

/** What a base's config may say beside its platform. */
export interface BaseImage {
  /** Uncompressed tars, lowest first. */
  readonly layers: readonly Uint8Array[];
  /** Default: this machine's processor. */
  readonly architecture?: string;
  readonly variant?: string;
  /** `Env`, `User`, `OnBuild` and the like. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * Writes an OCI layout that holds these images, as an index over their platforms when there is more than one; layers stay uncompressed.
 * @returns what `--build-context base=…` takes, for `FROM base`
 */
export function writeBaseLayout(folder: string, ...images: readonly BaseImage[]): string {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const blob = (bytes: Uint8Array, mediaType: string) => {
    const digest = digestOf(bytes);
    writeFileSync(join(folder, "blobs", digest.replace(":", "/")), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const document = (value: object, mediaType: string) => blob(Buffer.from(JSON.stringify(value)), mediaType);
  const manifests = images.map(({ layers, architecture = HOST_ARCHITECTURE, variant, config = {} }) => {
    const platform = { os: "linux", architecture, ...(variant === undefined ? {} : { variant }) };
    const described = document(
      { ...platform, config: { Env: ["PATH=/bin:/usr/bin"], ...config }, rootfs: { type: "layers", diff_ids: layers.map((layer) => digestOf(layer)) } },
      "application/vnd.oci.image.config.v1+json",
    );
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: described,
      layers: layers.map((layer) => blob(layer, "application/vnd.oci.image.layer.v1.tar")),
    };
    return { ...document(manifest, manifest.mediaType), platform };
  });
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  const named = { "org.opencontainers.image.ref.name": "latest" };
  const top = manifests.length === 1 ? { ...manifests[0], annotations: named } : { ...document(index, index.mediaType), annotations: named };
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, "index.json"), JSON.stringify({ ...index, manifests: [top] }));
  return `oci-layout://${folder}`;
}

let tried: { readonly reason: string | undefined } | undefined;

/** Why RUN cannot be tested here; undefined when it can. Tried once. */
export function sandboxHere(): string | undefined {
  tried ??= { reason: trySandbox() };
  return tried.reason;
}

function trySandbox(): string | undefined {
  if (process.platform !== "linux") return `there are no namespaces on ${process.platform}`;
  const missing = ["unshare", "setpriv", "nsenter", "ldd"].find((name) => which(name) === undefined);
  if (missing !== undefined) return `there is no ${missing}`;
  if (koffiFiles() === undefined) return "koffi is not installed";
  const { status, stderr } = spawnSync("unshare", ["-Urmpf", "--kill-child=SIGKILL", "true"], { encoding: "utf8" });
  return status === 0 ? undefined : `namespaces are refused: ${stderr.trim()}`;
}
