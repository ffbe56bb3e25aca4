import { chmodSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { CLONE, libc, MNT_DETACH, MS, syscallNumber } from "../libc.ts";
import type { ProgramOrder } from "../protocol.ts";
import { type BinaryFormats, registeredFormats } from "./binary-format.ts";
import { type FirstProcess, startFirstProcess } from "./first-process.ts";
import type { CellOrder } from "./order.ts";
import { within } from "./path-refusal.ts";
import { giveTo, mountOrdered } from "./program-mounts.ts";
import { CellRefusal } from "./refusal.ts";
import { bind, overlayMounter } from "./root-mount.ts";
import { makeInRoot, placeInRoot, RootPathError } from "./root-path.ts";
import { noteStub, type Stub } from "./stubs.ts";
import { maskSystem, mountSystem } from "./system-mounts.ts";
import { type ProgramUser, userOf } from "./user.ts";

/** As BuildKit names it. */
const HOSTNAME = "buildkitsandbox";

/** A root that the thread has gone into. */
export interface EnteredRoot {
  readonly user: ProgramUser;
  readonly formats: BinaryFormats;
  readonly first: FirstProcess;
  readonly stubs: readonly Stub[];
  /** /proc shows the program's process namespace. */
  readonly ownProc: boolean;
}

/** Takes the thread out of the warden's namespaces and into the program's root, with everything mounted; what is open stays as it is. It cannot come back. */
export async function enterRoot(order: CellOrder, started: (pid: number) => void): Promise<EnteredRoot> {
  const { program } = order;
  const lib = libc();
  const formats: BinaryFormats = { machine: process.arch, registered: registeredFormats(), platform: program.platform };
  const { NEWNS, NEWPID, NEWIPC, NEWUTS, NEWCGROUP, NEWNET } = CLONE;
  lib.unshare(NEWNS | NEWPID | NEWIPC | NEWUTS | NEWCGROUP | (program.network === "none" ? NEWNET : 0));
  lib.mount("none", "/", null, MS.REC | MS.PRIVATE, null);
  lib.sethostname(HOSTNAME);
  if (program.network === "none") {
    lib.interfaceUp("lo");
    openLowPorts();
  }
  lib.umask(0o022);
  // It mounts a proc on /proc, which the thread itself cannot: its own process namespace is the warden's.
  const first = startFirstProcess();
  try {
    started(first.pid);
    lib.chdir(order.work);
    const area = relative(`/${order.work}`, "/");
    const overlay = overlayMounter();
    if (order.copied === true) bind("root", "root");
    else overlay({ lower: order.lower.map((folder) => `${area}/${folder}`), upper: { files: "upper", work: "work" }, target: "root" });
    const written = order.copied === true ? "root" : "upper";

    const user = userOf("root", program.user);
    const stubs: Stub[] = [];
    makeWorkdir(program.workdir, user);
    const ownProc = (await first.proc) === "fresh";
    const places = placesOfMounts(program);
    const systemStub = (made: string): void => {
      if (places.some((place) => place === made || place.startsWith(`${made}/`))) stubs.push(noteStub(written, made, "folder"));
    };
    mountSystem((path) => systemTarget(path, systemStub), program.shmBytes, program.network === "none");
    mountOrdered(program, { area, oneId: order.pretendOwners, overlay, target: (path, kind) => mountTarget(path, kind, written, stubs) });
    makeWorkdir(program.workdir, user);

    lib.chdir("root");
    const number = syscallNumber("pivot_root");
    if (number === undefined) throw new Error(`the system call pivot_root is not known for ${process.arch}`);
    // The old root is put upon the new one, and taken away from there.
    lib.pivotRoot(".", ".");
    lib.umount(".", MNT_DETACH);
    lib.chdir("/");
    maskSystem();
    return { user, formats, first, stubs, ownProc };
  } catch (error) {
    await first.end();
    throw error;
  }
}

/** In a network of its own every user may listen on every port, as Docker has it: a server that runs as an ordinary user listens on 80. */
function openLowPorts(): void {
  try {
    writeFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
  } catch {
    // /proc/sys cannot be written in some containers; then ports below 1024 are root's.
  }
}

/** BuildKit makes it before anything is mounted, for the program's user, and it stays. */
function makeWorkdir(path: string, user: ProgramUser): void {
  const place = within(path, () =>
    makeInRoot("root", path, "folder", (made) => {
      chmodSync(`root/${made}`, 0o755);
      giveTo(`root/${made}`, user.uid, user.gid);
    }),
  );
  if (place.kind !== "folder") throw new CellRefusal({ code: "run-failed", message: `the working directory "${path}" is not a folder` });
}

/** Where the step's own mounts lie: what is missing on the way there goes away again, even when the system's mounts need it, too. */
function placesOfMounts({ mounts, shmBytes }: ProgramOrder): string[] {
  const targets = [...mounts.map(({ target }) => target), ...(shmBytes === undefined ? [] : ["/dev/shm"])];
  return targets.flatMap((target) => {
    try {
      return [placeInRoot("root", target).path];
    } catch (error) {
      // It is told when it is mounted.
      if (error instanceof RootPathError) return [];
      throw error;
    }
  });
}

/**
 * As runc does it: /dev may be a link, and is made where it leads; in the place of /proc and /sys a link could show something else as them. What is made stays, unless
 * `made` notes it.
 */
function systemTarget(path: string, made: (path: string) => void): string {
  const target = path === "/dev" ? devTarget(made) : path;
  const is = lstatSync(`root${target}`, { throwIfNoEntry: false });
  if (is === undefined) {
    mkdirSync(`root${target}`, { mode: 0o755 });
    made(target.slice(1));
  } else if (!is.isDirectory())
    throw new CellRefusal({
      code: "run-failed",
      message: `${path} of the stage is ${is.isSymbolicLink() ? "a symlink" : "no folder"}, where the system's own is put while a step runs`,
      hint: `remove it from the image, or make it a folder`,
    });
  return `root${target}`;
}

function devTarget(made: (path: string) => void): string {
  const { path } = within("/dev", () => makeInRoot("root", "/dev", "folder", made));
  if (!["", "proc", "sys"].includes(path.split("/")[0]!)) return `/${path}`;
  throw new CellRefusal({
    code: "run-failed",
    message: `/dev of the stage leads to "/${path}", where the system's own devices cannot be put while a step runs`,
    hint: `remove it from the image, or make it a folder`,
  });
}

function mountTarget(path: string, kind: "folder" | "file", written: string, stubs: Stub[]): string {
  const place = within(path, () => {
    const before = placeInRoot("root", path);
    if (before.kind !== "absent") return before;
    return makeInRoot("root", path, kind, (made) => {
      // What lies in another mount goes away with it, and is no matter of the upper folder.
      if (lstatSync(`${written}/${made}`, { throwIfNoEntry: false }) !== undefined) stubs.push(noteStub(written, made, made === before.path ? kind : "folder"));
    });
  });
  if (place.kind !== kind)
    throw new CellRefusal({ code: "run-failed", message: `"${path}" is a ${place.kind} in the stage; what is to be mounted there is a ${kind}` });
  return place.path === "" ? "root" : `root/${place.path}`;
}
