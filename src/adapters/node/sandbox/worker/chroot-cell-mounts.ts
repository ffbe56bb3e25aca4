import { once } from "node:events";
import { chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { prepareCache } from "../cell/cache-folder.ts";
import { copyTree } from "../cell/copy-tree.ts";
import type { CellOrder } from "../cell/order.ts";
import { CellRefusal } from "../cell/refusal.ts";
import { placeInRoot } from "../cell/root-path.ts";
import { libc } from "../libc.ts";
import type { MountOrder } from "../protocol.ts";
import type { Places } from "./chroot-cell-places.ts";
import { copyRoot } from "./copy-root.ts";
import { visibleLayers } from "./lower-view.ts";

/** Source: Linux 6.18 Documentation/admin-guide/devices.txt, read 2026-11-22. */
const DEVICES: readonly (readonly [name: string, major: number, minor: number])[] = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
];
const LINKS: readonly (readonly [name: string, to: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["ptmx", "pts/ptmx"],
];
const S_IFCHR = 0o020000;

/** Caches that stand in a program's root; another that wants one waits. */
const inUse = new Map<string, Promise<void>>();

/** /dev with the devices that programs cannot do without, /proc and /sys empty: nothing can be mounted. */
export function placeSystem(root: string, places: Places): void {
  for (const path of ["/proc", "/sys", "/dev"]) {
    const is = lstatSync(`${root}${path}`, { throwIfNoEntry: false });
    if (is !== undefined && !is.isDirectory())
      throw new CellRefusal({ code: "run-failed", message: `${path} of the stage is no folder`, hint: "remove it from the image, or make it a folder" });
    places.put(path, "folder", (at) => mkdirSync(at, { mode: 0o755 }));
  }
  const dev = `${root}/dev`;
  for (const [name, major, minor] of DEVICES) {
    try {
      libc().mknod(`${dev}/${name}`, S_IFCHR | 0o666, major, minor);
    } catch {
      // A container that may not: what is written there is thrown away, too, and reading ends at once.
      writeFileSync(`${dev}/${name}`, "");
    }
    chmodSync(`${dev}/${name}`, 0o666);
  }
  for (const [name, to] of LINKS) symlinkSync(to, `${dev}/${name}`);
  for (const name of ["pts", "mqueue", "shm"]) mkdirSync(`${dev}/${name}`);
  chmodSync(`${dev}/shm`, 0o1777);
}

/** Puts the program's mounts, and the two files that BuildKit mounts, into the root: outer ones first, and of two at one place only the later. */
export async function placeMounts(order: CellOrder, tools: Omit<Tools, "copy" | "area">): Promise<void> {
  const { places } = tools;
  const { program } = order;
  placeFile(places, { target: "/etc/resolv.conf", bytes: program.resolvConf, mode: 0o644, uid: 0, gid: 0 });
  placeFile(places, { target: "/etc/hosts", bytes: program.etcHosts, mode: 0o644, uid: 0, gid: 0 });
  const last = new Map(program.mounts.map((mount) => [mount.target, mount]));
  const sorted = [...last.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
  for (const [at, mount] of sorted.entries()) await placeMount(mount, { ...tools, area: order.area, copy: `${order.area}/${order.work}/mounts/${at}` });
}

interface Tools {
  readonly area: string;
  /** Where a copy of files of layers may be made. */
  readonly copy: string;
  readonly places: Places;
  readonly undo: (() => void)[];
  /** Ends waiting for a cache. */
  readonly stopped: AbortSignal;
}

async function placeMount(mount: MountOrder, tools: Tools): Promise<void> {
  const { area, places } = tools;
  switch (mount.kind) {
    case "file":
      placeFile(places, { ...mount, bytes: Buffer.from(mount.base64, "base64") });
      return;
    case "files": {
      const source = await copied(mount.layers, mount.path, tools);
      places.put(mount.target, lstatSync(source).isDirectory() ? "folder" : "file", (at) => renameSync(source, at));
      return;
    }
    case "cache":
      return await placeCache(mount, tools);
    case "tmpfs":
      places.put(mount.target, "folder", (at) => {
        mkdirSync(at);
        chmodSync(at, 0o1777);
      });
      return;
    case "socket":
      // Another name of the socket in the area: connecting goes by the file, not by its name.
      places.put(mount.target, "file", (at) => linkSync(`${area}/${mount.socket}`, at));
  }
}

function placeFile(
  places: Places,
  file: { readonly target: string; readonly bytes: Uint8Array | string; readonly mode: number; readonly uid: number; readonly gid: number },
): void {
  const { target, bytes, mode, uid, gid } = file;
  places.put(
    target,
    "file",
    (at) => {
      writeFileSync(at, bytes, { mode: 0o600, flag: "wx" });
      chownSync(at, uid, gid);
      chmodSync(at, mode);
    },
    (at) => {
      // It may be a secret, and other names of it may have been made.
      if (lstatSync(at).isFile()) writeFileSync(at, Buffer.alloc(Buffer.byteLength(bytes)));
      rmSync(at, { force: true });
    },
  );
}

async function placeCache(mount: Extract<MountOrder, { kind: "cache" }>, tools: Tools): Promise<void> {
  const { area, places, undo, stopped } = tools;
  const folder = `${area}/${mount.folder}`;
  for (let other = inUse.get(folder); other !== undefined; other = inUse.get(folder)) {
    await Promise.race([other, once(stopped, "abort")]);
    stopped.throwIfAborted();
  }
  let free = (): void => {};
  inUse.set(folder, new Promise((resolve) => (free = resolve)));
  undo.push(() => {
    inUse.delete(folder);
    free();
  });
  const seed = mount.seed === undefined || existsSync(folder) ? undefined : await copied(mount.seed.layers, mount.seed.path, tools);
  prepareCache(folder, mount, () => seed);
  if (mount.readonly) {
    places.put(mount.target, "folder", (at) => copyTree(folder, at));
    return;
  }
  places.put(
    mount.target,
    "folder",
    (at) => renameSync(folder, at),
    (at) => {
      try {
        renameSync(at, folder);
      } catch (error) {
        // Another process has made a new one meanwhile.
        if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
        rmSync(at, { recursive: true });
      }
    },
  );
}

/** A copy of files of layers. */
async function copied(layers: readonly string[], path: string, { area, copy: folder }: Tools): Promise<string> {
  mkdirSync(folder);
  await copyRoot(visibleLayers(layers.map((layer) => `${area}/layers/${layer}`)), folder);
  const place = placeInRoot(folder, path);
  if (place.kind === "absent") throw new CellRefusal({ code: "run-failed", message: `there is no "/${path}" among the files to be mounted` });
  return place.path === "" ? folder : `${folder}/${place.path}`;
}
