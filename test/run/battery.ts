import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

/** What `battery.cjs` tries, and what must come of each attempt in a cell that has namespaces. An error's name, or `done` and what it got. */
export const REFUSED: Readonly<Record<string, RegExp>> = {
  "write core_pattern": /^(EROFS|EACCES|EPERM)$/,
  "write the loader of modules": /^(EROFS|EACCES|EPERM|ENOENT)$/,
  "write to anything in /proc/sys": /^$/,
  "write to anything in /sys": /^$/,
  "trigger sysrq": /^(EROFS|EACCES|EPERM|ENOENT)$/,
  "read the kernel's memory": /^(0|EACCES|EPERM|ENOENT)$/,
  "read the machine's keys": /^(done|EACCES|EPERM|ENOENT)$/,
  "read the machine's timers": /^(done|EACCES|EPERM|ENOENT)$/,
  "read firmware": /^(done|EACCES|EPERM|ENOENT)$/,
  "read power meters": /^(done|EACCES|EPERM|ENOENT)$/,
  "mount a tmpfs": /^EPERM$/,
  "mount proc": /^EPERM$/,
  "bind a folder": /^EPERM$/,
  "make /proc/sys writable": /^EPERM$/,
  "share mounts with the machine": /^EPERM$/,
  "unmount what covers": /^$/,
  "the new calls for mounts": /^(EPERM|ENOSYS)( (EPERM|ENOSYS)){4}$/,
  "pivot the root": /^EPERM$/,
  // Where owners are pretended, mknod says that it worked; what counts is the next attempt.
  "make a node of the disk": /^(EPERM|done 0)$/,
  "make a node of memory": /^(EPERM|done 0)$/,
  "make a node of a network device": /^(EPERM|done 0)$/,
  "open nodes that were made": /^(ENOENT|EACCES|ENXIO)( (ENOENT|EACCES|ENXIO)){2}$/,
  "forge a whiteout": /^(EPERM|done 0)$/,
  "a user namespace": /^[1-9]\d*$/,
  "a mount namespace": /^[1-9]\d*$/,
  "a network namespace": /^[1-9]\d*$/,
  "all namespaces at once": /^[1-9]\d*$/,
  "clone3 for a namespace": /^(ENOSYS|EPERM)$/,
  "enter the first process's namespaces": /^(EACCES|EPERM|ENOENT)$/,
  "enter a namespace again": /^done EPERM$/,
  "the first process's root": /^(EACCES|EPERM|ENOENT)$/,
  "the first process's folder": /^(EACCES|EPERM|ENOENT)$/,
  "the first process's program": /^(EACCES|EPERM|ENOENT)$/,
  "the first process's files": /^(EACCES)?$/,
  "the first process's environment": /^(EACCES|EPERM|ENOENT)$/,
  "the first process's memory": /^(EACCES|EPERM|ENOENT)$/,
  "the first process's maps": /^(EACCES|EPERM|ENOENT)$/,
  "trace the first process": /^EPERM$/,
  "read the first process by number": /^(EPERM|EFAULT|ENOSYS|ESRCH)$/,
  "other processes": /^(?!.*(multihull|warden|tsx|vitest))/s,
  "environments of other processes": /^(?!.*(MULTIHULL|multihull|DOCKER_CONFIG|npm_))/s,
  "a file of the machine": /^false$/,
  "out by chroot": /^\S+ false$/,
  "out by a file handle": /^EPERM$/,
  "sockets that lie about": /^$/,
  devices: /^done( ?\b(console|core|fd|full|mqueue|null|ptmx|pts|random|shm|stderr|stdin|stdout|tty|urandom|zero))*$/,
  "the machine's log": /^(ENOENT|EPERM|EACCES)$/,
  "control groups": /^E[A-Z]+$/,
  "the caller's terminal": /^(ENXIO|ENOENT|EACCES|EPERM|EIO)$/,
  "type into the caller's terminal": /^E[A-Z]+ E[A-Z]+ E[A-Z]+$/,
  "load a program into the kernel": /^(EPERM|ENOSYS)$/,
  "measure the machine": /^(EPERM|EACCES|ENOSYS)$/,
  keys: /^(EPERM|ENOSYS) (EPERM|ENOSYS)$/,
  "page faults of its own": /^(EPERM|ENOSYS)$/,
  "load a kernel": /^(EPERM|ENOSYS)$/,
  "load a module": /^(EPERM|ENOSYS) (EPERM|ENOSYS) (EPERM|ENOSYS)$/,
  "a ring of requests": /^(EPERM|ENOSYS)$/,
  "restart the machine": /^EPERM$/,
  "set the clock": /^EPERM$/,
  "rename the machine": /^EPERM$/,
  "swap to a file": /^EPERM$/,
  "raise its limits": /^EPERM$/,
  // Docker's fourteen.
  rights: /^CapPrm:00000000a80425fb CapEff:00000000a80425fb CapBnd:00000000a80425fb CapAmb:0000000000000000$/,
  "rights that are passed on": /^0000000000000000$/,
  filter: /^2$/,
  ids: /^0 (?!0 )\d+ \d+/,
  "an abstract socket of the machine": /^EPERM$/,
};

/** The machine's side of the attempts: a file that must not be seen, a socket that must not be reached. */
export interface Bait {
  readonly secret: string;
  readonly dockerfile: string;
  readonly context: string;
  /** Whether somebody got through to the socket. */
  readonly visited: () => boolean;
  close(): void;
}

/** Writes the context of a build that runs the battery; `/result.json` in its image has what came of it. */
export async function layBait(folder: string, before = ""): Promise<Bait> {
  const secret = join(folder, "of-the-machine");
  writeFileSync(secret, "a secret of the machine");
  copyFileSync(join(import.meta.dirname, "battery.cjs"), join(folder, "battery.cjs"));
  const name = `multihull-bait-${randomBytes(8).toString("hex")}`;
  let visits = 0;
  const server: Server = createServer((socket) => {
    visits++;
    socket.destroy();
  });
  await once(server.listen(`\0${name}`), "listening");
  return {
    secret,
    context: folder,
    dockerfile: `FROM node\n${before}COPY battery.cjs /\nRUN ["/bin/sh", "-c", "exec node /battery.cjs ${secret} ${name} > /tmp/result.json"]\n`,
    visited: () => visits > 0,
    close: () => server.close(),
  };
}

export const resultsIn = (image: string): Readonly<Record<string, string>> => JSON.parse(readFileSync(join(image, "tmp/result.json"), "utf8"));

/** Whether the kernel can keep a process from abstract sockets of others (Landlock, kernel 6.12). */
export function landlockScopes(): boolean {
  const [major = 0, minor = 0] = readFileSync("/proc/sys/kernel/osrelease", "utf8").split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 12);
}
