import { createRequire } from "node:module";

/**
 * The C library's calls that Node lacks, by koffi: an optional package, loaded when something has to run. All act on the calling thread, synchronously.
 * Every function throws {@link LibcError} when the call fails, unless it says otherwise.
 */
export interface Libc {
  mount(source: string, target: string, type: string | null, flags: number, options: string | null): void;
  umount(target: string, flags: number): void;
  /** Makes namespaces for this thread (and, of processes, for its children). */
  unshare(flags: number): void;
  /** As `pivot_root(2)`: paths from the thread's own working directory. */
  pivotRoot(newRoot: string, putOld: string): void;
  /** The thread's own working directory, once it has one (`CLONE_FS` or `CLONE_NEWNS` unshared). */
  chdir(path: string): void;
  mknod(path: LibcPath, mode: number, major: number, minor: number): void;
  /** No symlink is followed. Absent: undefined. */
  getXattr(path: LibcPath, name: string): Buffer | undefined;
  /** Names; no symlink is followed. Empty where the file system has none. */
  listXattr(path: LibcPath): string[];
  setXattr(path: LibcPath, name: string, value: Uint8Array): void;
  removeXattr(path: LibcPath, name: string): void;
  /** A system call by its number, for what acts on one thread only when called past the C library. Arguments are numbers or texts; null is a null pointer. */
  syscall(number: number, ...args: readonly (number | string | Uint8Array | null)[]): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  /** Installs a filter (`struct sock_filter[]`) for this thread and what it starts. */
  seccomp(filter: Uint8Array): void;
  /** Adds attributes (`MOUNT_ATTR_*`) to a mount and leaves the others as they are; kernel 5.12 or newer. */
  mountAttributes(path: string, add: number, recursive: boolean): void;
  sethostname(name: string): void;
  /** Of the whole process, but for threads with a working directory of their own. */
  chroot(path: string): void;
  /** Times of a file, in nanoseconds since 1970; no symlink is followed. */
  setTimes(path: LibcPath, accessNs: bigint, modifiedNs: bigint): void;
  /** Limits of a process, by the number of the resource; -1 is none. */
  prlimit(pid: number, resource: number, soft: number, hard: number): void;
  /** The thread's own file mode mask, once it has one. */
  umask(mask: number): void;
  /** A pipe, closed when something is executed: where it is read, and where it is written. */
  pipe(): readonly [read: number, write: number];
  close(file: number): void;
  /** Sets a network interface of the thread's network namespace up. */
  interfaceUp(name: string): void;
}

/** Bytes (without a NUL) for a path that is not UTF-8. */
export type LibcPath = string | Buffer;

/** A call that failed. */
export class LibcError extends Error {
  override readonly name = "LibcError";
  /** `EPERM` and the like, or the number. */
  readonly code: string;
  readonly errno: number;
  readonly call: string;

  constructor(call: string, errno: number, about: string) {
    const code = ERRNO[errno] ?? `errno ${errno}`;
    super(`${call}(${about}): ${code}`);
    this.code = code;
    this.errno = errno;
    this.call = call;
  }
}

/** Of those that are told apart or shown; the same on all architectures of Linux that Node runs on. Source: errno(3), read 2026-11-22. */
const ERRNO: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  5: "EIO",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  16: "EBUSY",
  17: "EEXIST",
  19: "ENODEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  24: "EMFILE",
  28: "ENOSPC",
  30: "EROFS",
  34: "ERANGE",
  38: "ENOSYS",
  40: "ELOOP",
  61: "ENODATA",
  95: "ENOTSUP",
  122: "EDQUOT",
};

export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  REMOUNT: 32,
  BIND: 4096,
  REC: 16384,
  PRIVATE: 1 << 18,
} as const;

export const CLONE = { NEWNS: 0x20000, NEWCGROUP: 0x2000000, NEWUTS: 0x4000000, NEWIPC: 0x8000000, NEWPID: 0x20000000, NEWNET: 0x40000000 } as const;

/** As `mount_setattr(2)` has them. Source: Linux 6.18 include/uapi/linux/mount.h, read 2026-11-22. */
export const MOUNT_ATTR = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8 } as const;

/** `umount2`: out of sight now, gone when nobody is in it. */
export const MNT_DETACH = 2;

/** System calls by number. Source: Linux 6.18 arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h, read 2026-11-22. */
const SYSCALLS: Readonly<Record<string, Readonly<Record<SyscallName, number>>>> = {
  x64: { pivot_root: 155, setgroups: 116, setresuid: 117, setresgid: 119, capset: 126, seccomp: 317, prlimit64: 302, close_range: 436, mount_setattr: 442 },
  arm64: { pivot_root: 41, setgroups: 159, setresuid: 147, setresgid: 149, capset: 91, seccomp: 277, prlimit64: 261, close_range: 436, mount_setattr: 442 },
  riscv64: { pivot_root: 41, setgroups: 159, setresuid: 147, setresgid: 149, capset: 91, seccomp: 277, prlimit64: 261, close_range: 436, mount_setattr: 442 },
  loong64: { pivot_root: 41, setgroups: 159, setresuid: 147, setresgid: 149, capset: 91, seccomp: 277, prlimit64: 261, close_range: 436, mount_setattr: 442 },
};
export type SyscallName = "pivot_root" | "setgroups" | "setresuid" | "setresgid" | "capset" | "seccomp" | "prlimit64" | "close_range" | "mount_setattr";

/** Number of a system call on the machine's processor; undefined where we do not know it. */
export const syscallNumber = (name: SyscallName): number | undefined => SYSCALLS[process.arch]?.[name];

let loaded: Libc | undefined;

/** @throws {Error} in words, where koffi is not installed or does not fit the machine */
export function libc(): Libc {
  loaded ??= bind();
  return loaded;
}

const XATTR_BYTES = 64 * 1024;

/** koffi ends texts with a NUL, bytes it takes as they are. */
const terminated = (path: LibcPath): LibcPath => (typeof path === "string" ? path : Buffer.concat([path, Buffer.alloc(1)]));

function bind(): Libc {
  // A plain import would fail for all commands where the optional package is not there.
  const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const lib = koffi.load(null);
  const c = {
    mount: lib.func("int mount(const char*, const char*, const char*, unsigned long, const char*)"),
    umount: lib.func("int umount2(const char*, int)"),
    unshare: lib.func("int unshare(int)"),
    chdir: lib.func("int chdir(const char*)"),
    mknod: lib.func("int mknod(const char*, unsigned int, uint64_t)"),
    lgetxattr: lib.func("long lgetxattr(const char*, const char*, _Out_ uint8_t*, size_t)"),
    llistxattr: lib.func("long llistxattr(const char*, _Out_ uint8_t*, size_t)"),
    lsetxattr: lib.func("int lsetxattr(const char*, const char*, const uint8_t*, size_t, int)"),
    lremovexattr: lib.func("int lremovexattr(const char*, const char*)"),
    syscall: lib.func("long syscall(long, ...)"),
    sethostname: lib.func("int sethostname(const char*, size_t)"),
    chroot: lib.func("int chroot(const char*)"),
    utimensat: lib.func("int utimensat(int, const char*, const uint8_t*, int)"),
    prlimit: lib.func("int prlimit(int, int, const uint8_t*, uint8_t*)"),
    pipe2: lib.func("int pipe2(_Out_ int*, int)"),
    umask: lib.func("unsigned int umask(unsigned int)"),
    socket: lib.func("int socket(int, int, int)"),
    ioctl: lib.func("int ioctl(int, unsigned long, ...)"),
    close: lib.func("int close(int)"),
    prctl: lib.func("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)"),
  };
  const fail = (call: string, about: string): never => {
    throw new LibcError(call, koffi.errno(), about);
  };
  const buffer = Buffer.alloc(XATTR_BYTES);
  const syscall: Libc["syscall"] = (number, ...args) => {
    const typed: unknown[] = args.flatMap((value): unknown[] =>
      typeof value === "number" ? ["long", value] : typeof value === "string" ? ["const char*", value] : ["const uint8_t*", value],
    );
    return Number((c.syscall as (...all: unknown[]) => unknown)(number, ...typed));
  };
  const numbered = (name: SyscallName): number => {
    const number = syscallNumber(name);
    if (number === undefined) throw new Error(`the system call ${name} is not known for ${process.arch}`);
    return number;
  };
  return {
    mount: (source, target, type, flags, options) => {
      if (c.mount(source, target, type, flags, options) !== 0) fail("mount", `${type ?? ""} ${source} on ${target}`);
    },
    umount: (target, flags) => {
      if (c.umount(target, flags) !== 0) fail("umount2", target);
    },
    unshare: (flags) => {
      if (c.unshare(flags) !== 0) fail("unshare", `0x${flags.toString(16)}`);
    },
    pivotRoot: (newRoot, putOld) => {
      if (syscall(numbered("pivot_root"), newRoot, putOld) !== 0) fail("pivot_root", newRoot);
    },
    chdir: (path) => {
      if (c.chdir(path) !== 0) fail("chdir", path);
    },
    mknod: (path, mode, major, minor) => {
      // glibc's makedev(3).
      const device = (BigInt(major & ~0xfff) << 32n) | BigInt((major & 0xfff) << 8) | (BigInt(minor & ~0xff) << 12n) | BigInt(minor & 0xff);
      if (c.mknod(terminated(path), mode, device) !== 0) fail("mknod", String(path));
    },
    getXattr: (path, name) => {
      const size = Number(c.lgetxattr(terminated(path), name, buffer, XATTR_BYTES));
      if (size >= 0) return Buffer.from(buffer.subarray(0, size));
      const error = new LibcError("lgetxattr", koffi.errno(), `${path} ${name}`);
      if (["ENODATA", "ENOTSUP"].includes(error.code)) return undefined;
      throw error;
    },
    listXattr: (path) => {
      const size = Number(c.llistxattr(terminated(path), buffer, XATTR_BYTES));
      if (size > 0)
        return buffer
          .subarray(0, size - 1)
          .toString("utf8")
          .split("\0");
      if (size === 0) return [];
      const error = new LibcError("llistxattr", koffi.errno(), String(path));
      if (error.code === "ENOTSUP") return [];
      throw error;
    },
    setXattr: (path, name, value) => {
      if (c.lsetxattr(terminated(path), name, value, value.byteLength, 0) !== 0) fail("lsetxattr", `${path} ${name}`);
    },
    removeXattr: (path, name) => {
      if (c.lremovexattr(terminated(path), name) !== 0) fail("lremovexattr", `${path} ${name}`);
    },
    syscall: (number, ...args) => {
      const result = syscall(number, ...args);
      if (result === -1) fail("syscall", String(number));
      return result;
    },
    prctl: (option, a, b, d, e) => {
      const result = c.prctl(option, a, b, d, e);
      if (result === -1) fail("prctl", String(option));
      return result;
    },
    seccomp: (filter) => {
      // struct sock_fprog: a 16 bit count, and behind it, aligned, the address of the program.
      const program = Buffer.alloc(16);
      program.writeUInt16LE(filter.byteLength / 8, 0);
      program.writeBigUInt64LE(BigInt(koffi.address(filter)), 8);
      const SET_MODE_FILTER = 1;
      // Without it, kernels before 5.16 slow down everything under a filter.
      const SPEC_ALLOW = 4;
      if (syscall(numbered("seccomp"), SET_MODE_FILTER, SPEC_ALLOW, program) !== 0) fail("seccomp", `${filter.byteLength / 8} instructions`);
    },
    mountAttributes: (path, add, recursive) => {
      const AT_FDCWD = -100;
      const AT_RECURSIVE = 0x8000;
      const attributes = Buffer.alloc(32);
      attributes.writeBigUInt64LE(BigInt(add), 0);
      if (syscall(numbered("mount_setattr"), AT_FDCWD, path, recursive ? AT_RECURSIVE : 0, attributes, attributes.byteLength) !== 0)
        fail("mount_setattr", path);
    },
    chroot: (path) => {
      if (c.chroot(path) !== 0) fail("chroot", path);
    },
    sethostname: (name) => {
      if (c.sethostname(name, Buffer.byteLength(name)) !== 0) fail("sethostname", name);
    },
    setTimes: (path, accessNs, modifiedNs) => {
      const [AT_FDCWD, AT_SYMLINK_NOFOLLOW, SECOND] = [-100, 0x100, 1_000_000_000n];
      const times = Buffer.alloc(32);
      for (const [at, ns] of [accessNs, modifiedNs].entries()) {
        const rest = ((ns % SECOND) + SECOND) % SECOND;
        times.writeBigInt64LE((ns - rest) / SECOND, at * 16);
        times.writeBigInt64LE(rest, at * 16 + 8);
      }
      if (c.utimensat(AT_FDCWD, terminated(path), times, AT_SYMLINK_NOFOLLOW) !== 0) fail("utimensat", String(path));
    },
    prlimit: (pid, resource, soft, hard) => {
      const limits = Buffer.alloc(16);
      for (const [at, limit] of [soft, hard].entries()) limits.writeBigUInt64LE(BigInt.asUintN(64, BigInt(limit)), at * 8);
      if (c.prlimit(pid, resource, limits, null) !== 0) fail("prlimit", `${resource} ${soft}:${hard}`);
    },
    umask: (mask) => {
      c.umask(mask);
    },
    pipe: () => {
      const [O_CLOEXEC, ends] = [0o2000000, [0, 0] as [number, number]];
      if (c.pipe2(ends, O_CLOEXEC) !== 0) fail("pipe2", "");
      return ends;
    },
    close: (file) => {
      if (c.close(file) !== 0) fail("close", String(file));
    },
    interfaceUp: (name) => {
      const [AF_INET, SOCK_DGRAM_CLOEXEC, SIOCSIFFLAGS, IFF_UP] = [2, 2 | 0o2000000, 0x8914, 1];
      const socket = c.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0) as number;
      if (socket < 0) fail("socket", "AF_INET");
      const request = Buffer.alloc(40);
      request.write(name, 0, 15, "latin1");
      request.writeInt16LE(IFF_UP, 16);
      try {
        if ((c.ioctl as (...all: unknown[]) => unknown)(socket, SIOCSIFFLAGS, "const uint8_t*", request) !== 0) fail("ioctl", `SIOCSIFFLAGS ${name}`);
      } finally {
        c.close(socket);
      }
    },
  };
}
