import { type Libc, libc, syscallNumber } from "../libc.ts";
import type { ProgramUser } from "./user.ts";

/** Docker's and BuildKit's: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap. */
export const KEPT_CAPABILITIES: readonly number[] = [0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31];
/** As many as the kernel can name one day. */
const MOST_CAPABILITIES = 64;
/** prctl(2), capset(2). Source: Linux 6.18 include/uapi/linux/{prctl,capability}.h, read 2026-11-22. */
const [PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL] = [23, 24, 47, 4];
const CAPABILITY_VERSION_3 = 0x20080522;
const [F_MAX, CLOSE_RANGE_CLOEXEC] = [0xffffffff, 4];

/** What a program of this thread can ever have: the thread itself keeps what it has until it executes. */
export function boundCapabilities(): void {
  const lib = libc();
  for (let capability = 0; capability < MOST_CAPABILITIES; capability++) {
    if (KEPT_CAPABILITIES.includes(capability)) continue;
    try {
      lib.prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    } catch {
      break;
    }
    lib.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  lib.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3, 0);
  // Effective, permitted, inheritable, twice: the lower and the upper 32. All that are kept, and for the thread's own remaining work those that it needs.
  const own = (1 << 21) >>> 0;
  const kept = KEPT_CAPABILITIES.reduce((bits, capability) => bits | (1 << capability), own) >>> 0;
  const data = Buffer.alloc(24);
  data.writeUInt32LE(kept, 0);
  data.writeUInt32LE(kept, 4);
  lib.syscall(numberOf("capset"), header, data);
}

/** Becomes the user: this thread alone, past the C library, which would change all threads. */
export function becomeUser(user: ProgramUser): void {
  const lib: Libc = libc();
  const groups = Buffer.alloc(user.groups.length * 4);
  for (const [at, group] of user.groups.entries()) groups.writeUInt32LE(group, at * 4);
  lib.syscall(numberOf("setgroups"), user.groups.length, groups);
  lib.syscall(numberOf("setresgid"), user.gid, user.gid, user.gid);
  lib.syscall(numberOf("setresuid"), user.uid, user.uid, user.uid);
}

/** Whatever is open in this process, and will be: no program gets it. */
export function closeOnExecute(): void {
  libc().syscall(numberOf("close_range"), 3, F_MAX, CLOSE_RANGE_CLOEXEC);
}

function numberOf(name: Parameters<typeof syscallNumber>[0]): number {
  const number = syscallNumber(name);
  if (number === undefined) throw new Error(`the system call ${name} is not known for ${process.arch}`);
  return number;
}
