import { readFileSync, writeFileSync } from "node:fs";
import { libc, syscallNumber } from "../libc.ts";

/** Processes and threads of one user in the sandbox: a program that only makes more of itself ends here, and not with the machine. */
const PROCESSES = 32_768;
const RLIMIT_NPROC = 6;

/** Bounds what programs can do to the machine, for the warden and all that it starts. */
export function setLimits(): void {
  // Their own user namespaces would give programs rights that the kernel seldom sees used.
  try {
    writeFileSync("/proc/sys/user/max_user_namespaces", "0");
  } catch (error) {
    // In a container /proc/sys may be read-only; the filter of the cells refuses them too.
    if (!["EROFS", "EACCES", "EPERM", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  const number = syscallNumber("prlimit64");
  if (number === undefined) return;
  const [soft, hard] = /^Max processes\s+(\S+)\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.slice(1) ?? [];
  const bound = (present: string | undefined): bigint =>
    BigInt(Math.min(present === undefined || present === "unlimited" ? PROCESSES : Number(present), PROCESSES));
  const limit = Buffer.alloc(16);
  limit.writeBigUInt64LE(bound(soft), 0);
  limit.writeBigUInt64LE(bound(hard), 8);
  libc().syscall(number, 0, RLIMIT_NPROC, limit, null);
}
