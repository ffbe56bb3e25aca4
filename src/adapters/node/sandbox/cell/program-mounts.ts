import { Buffer } from "node:buffer";
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { libc, MOUNT_ATTR, MS } from "../libc.ts";
import type { MountOrder, ProgramOrder } from "../protocol.ts";
import { prepareCache } from "./cache-folder.ts";
import { CellRefusal } from "./refusal.ts";
import { bind, type Overlay, restrict } from "./root-mount.ts";
import { placeInRoot } from "./root-path.ts";

/** What a mount is put together with. The thread's working directory is the program's folder. */
export interface MountTools {
  /** Where a path of the root is, relative to the working directory; made where it is missing. */
  target(path: string, kind: "folder" | "file"): string;
  overlay(overlay: Overlay): void;
  /** The way from the working directory to the area. */
  readonly area: string;
  readonly oneId: boolean;
}

const APT_FOLDER = "/etc/apt/apt.conf.d";
const PRIVATE_FILES = "mounts/files";

/** Puts the program's own mounts and the two files of BuildKit's in the root: those further out first, and of two at one place only the later. */
export function mountOrdered(program: ProgramOrder, tools: MountTools): void {
  mkdirSync(PRIVATE_FILES);
  // Never on a disk, and nobody but us looks into this one.
  libc().mount("tmpfs", PRIVATE_FILES, "tmpfs", MS.NOSUID | MS.NODEV, "mode=700");
  const file = (name: string, target: string, bytes: Uint8Array | string, mode: number, uid: number, gid: number): void => {
    const path = `${PRIVATE_FILES}/${name}`;
    writeFileSync(path, bytes, { mode: 0o600 });
    giveTo(path, uid, gid);
    chmodSync(path, mode);
    const at = tools.target(target, "file");
    bind(path, at);
    restrict(at, MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | ((mode & 0o111) === 0 ? MOUNT_ATTR.NOEXEC : 0));
  };
  file("resolv.conf", "/etc/resolv.conf", program.resolvConf, 0o644, 0, 0);
  file("hosts", "/etc/hosts", program.etcHosts, 0o644, 0, 0);
  // apt makes sure that it has become its own user, which with one id cannot be; nor could it be told otherwise without a file that stays.
  if (tools.oneId && placeInRoot("root", APT_FOLDER).kind === "folder")
    file("apt", `${APT_FOLDER}/zz-multihull-one-id`, 'APT::Sandbox::User "root";\n', 0o644, 0, 0);
  const last = new Map(program.mounts.map((mount) => [mount.target, mount]));
  const sorted = [...last.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
  for (const [at, mount] of sorted.entries()) {
    if (mount.kind === "file") file(String(at), mount.target, Buffer.from(mount.base64, "base64"), mount.mode, mount.uid, mount.gid);
    else mountOne(mount, at, tools);
  }
}

function mountOne(mount: Exclude<MountOrder, { kind: "file" }>, at: number, tools: MountTools): void {
  switch (mount.kind) {
    case "files": {
      const source = filesOf(mount.layers, mount.path, mount.writable, at, tools);
      const target = tools.target(mount.target, statSync(source).isDirectory() ? "folder" : "file");
      bind(source, target);
      if (!mount.writable) restrict(target, MOUNT_ATTR.RDONLY);
      return;
    }
    case "cache": {
      const folder = `${tools.area}/${mount.folder}`;
      prepareCache(folder, mount, () => (mount.seed === undefined ? undefined : filesOf(mount.seed.layers, mount.seed.path, false, at, tools)));
      const target = tools.target(mount.target, "folder");
      bind(folder, target);
      if (mount.readonly) restrict(target, MOUNT_ATTR.RDONLY);
      return;
    }
    case "tmpfs": {
      const target = tools.target(mount.target, "folder");
      libc().mount("tmpfs", target, "tmpfs", MS.NOSUID, mount.bytes ? `size=${mount.bytes}` : null);
      if (mount.readonly === true) restrict(target, MOUNT_ATTR.RDONLY);
      return;
    }
    case "socket": {
      const target = tools.target(mount.target, "file");
      bind(`${tools.area}/${mount.socket}`, target);
      restrict(target, MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV);
      return;
    }
  }
}

/** Where files of layers are to be seen. What is written there, where that is allowed, is forgotten with the program's folder. */
function filesOf(layers: readonly string[], path: string, writable: boolean, at: number, tools: MountTools): string {
  const folder = `mounts/${at}`;
  for (const name of ["", "/root", "/upper", "/work"]) mkdirSync(`${folder}${name}`);
  const lower = layers.map((layer) => `${tools.area}/layers/${layer}`);
  tools.overlay({ lower, target: `${folder}/root`, ...(writable ? { upper: { files: `${folder}/upper`, work: `${folder}/work` } } : {}) });
  const place = placeInRoot(`${folder}/root`, path);
  if (place.kind === "absent") throw new CellRefusal({ code: "run-failed", message: `there is no "/${path}" among the files to be mounted` });
  return place.path === "" ? `${folder}/root` : `${folder}/root/${place.path}`;
}

/** With a single-id map there is one owner only, which it has already. */
export function giveTo(path: string, uid: number, gid: number): void {
  try {
    chownSync(path, uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  }
}
