import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { LibcError, libc, MOUNT_ATTR, MS } from "../libc.ts";
import { bind, restrict } from "./root-mount.ts";

/**
 * What runc is told by BuildKit: the file systems of containerd's default specification, without /run.
 * Source: https://github.com/moby/buildkit at 73ed6825c4b7, executor/oci/spec*.go and containerd's pkg/oci/{mounts,spec}.go there, read 2026-11-22.
 */
const DEVICES = ["null", "zero", "full", "random", "urandom", "tty"];
const LINKS: Readonly<Record<string, string>> = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  ptmx: "pts/ptmx",
};
const MASKED = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
/** Of /dev/shm: Docker's. */
const SHM_BYTES = 64 * 1024 * 1024;
const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

const { NOSUID, NODEV, NOEXEC } = MS;
/** Source: Linux 6.18 include/uapi/linux/mount.h, read 2026-11-22. */
const STRICTATIME = 1 << 24;

/**
 * Puts /proc (the thread's own is the one to be seen), /dev and /sys below a root. `target` says where each is, having made it.
 * @param ownNetwork  the thread has a network namespace of its own
 */
export function mountSystem(target: (path: string) => string, shmBytes: number | undefined, ownNetwork: boolean): void {
  const lib = libc();
  bind("/proc", target("/proc"), true);
  const dev = target("/dev");
  lib.mount("tmpfs", dev, "tmpfs", NOSUID | STRICTATIME, "mode=755,size=65536k");
  for (const name of DEVICES) {
    writeFileSync(`${dev}/${name}`, "");
    bind(`/dev/${name}`, `${dev}/${name}`);
  }
  for (const [name, to] of Object.entries(LINKS)) symlinkSync(to, `${dev}/${name}`);
  if (existsSync("/proc/kcore")) symlinkSync("/proc/kcore", `${dev}/core`);
  for (const name of ["pts", "shm", "mqueue"]) mkdirSync(`${dev}/${name}`);
  firstOf(
    () => lib.mount("devpts", `${dev}/pts`, "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"),
    // A single-id map has no group 5.
    () => lib.mount("devpts", `${dev}/pts`, "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=0620"),
  );
  lib.mount("shm", `${dev}/shm`, "tmpfs", NOSUID | NOEXEC | NODEV, `mode=1777,size=${shmBytes ?? SHM_BYTES}`);
  firstOf(
    () => lib.mount("mqueue", `${dev}/mqueue`, "mqueue", NOSUID | NOEXEC | NODEV, null),
    () => {},
  );
  const sys = target("/sys");
  firstOf(
    () => {
      if (!ownNetwork) throw new LibcError("mount", 1, "sysfs shows a network namespace: that one has to be ours");
      lib.mount("sysfs", sys, "sysfs", NOSUID | NOEXEC | NODEV | MS.RDONLY, null);
    },
    () => {
      bind("/sys", sys, true);
      restrict(sys, MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NOEXEC | MOUNT_ATTR.NODEV, true);
    },
  );
  if (lstatSync(`${sys}/fs/cgroup`, { throwIfNoEntry: false }) === undefined) return;
  firstOf(
    () => lib.mount("cgroup", `${sys}/fs/cgroup`, "cgroup2", NOSUID | NOEXEC | NODEV | MS.RDONLY, null),
    () => lib.mount("tmpfs", `${sys}/fs/cgroup`, "tmpfs", NOSUID | NOEXEC | NODEV | MS.RDONLY, "size=0k"),
  );
}

/** Hides and write-protects what says or changes too much of the machine. The thread is in its root. */
export function maskSystem(): void {
  for (const path of READ_ONLY) {
    if (!there(path)) continue;
    bind(path, path, true);
    restrict(path, MOUNT_ATTR.RDONLY, true);
  }
  for (const path of MASKED) {
    const kind = there(path);
    if (kind === "folder") libc().mount("tmpfs", path, "tmpfs", MS.RDONLY, "size=0k");
    if (kind === "file") bind("/dev/null", path);
  }
}

function there(path: string): "folder" | "file" | undefined {
  try {
    const stat = lstatSync(path);
    return stat.isSymbolicLink() ? undefined : stat.isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}

function firstOf(...ways: readonly (() => void)[]): void {
  for (const [at, way] of ways.entries())
    try {
      way();
      return;
    } catch (error) {
      if (at === ways.length - 1 || !(error instanceof LibcError)) throw error;
    }
}
