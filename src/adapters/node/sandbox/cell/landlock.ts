import { LibcError, libc } from "../libc.ts";

/** The same on all processors. Source: Linux 6.18 include/uapi/asm-generic/unistd.h and include/uapi/linux/landlock.h, read 2026-11-22. */
const LANDLOCK_CREATE_RULESET = 444;
const LANDLOCK_RESTRICT_SELF = 446;
const SCOPE_ABSTRACT_UNIX_SOCKET = 1n;
/** `struct landlock_ruleset_attr`: handled accesses of files and of the network, then scopes; 64 bits each. */
const ATTRIBUTE_BYTES = 24;
/** A kernel without Landlock, or one that knows no scopes yet (before 6.12: E2BIG, which is 7). */
const UNKNOWN_TO_KERNEL: ReadonlySet<string> = new Set(["ENOSYS", "EOPNOTSUPP", "ENOTSUP", "EINVAL", "errno 7"]);

/**
 * Keeps this thread, and what it starts, from abstract sockets of others: they belong to the network namespace, which a step shares with the machine, and containerd's,
 * D-Bus' and X11's are among them.
 * @returns false where the kernel cannot do it
 */
export function shutAbstractSockets(): boolean {
  const lib = libc();
  const attributes = Buffer.alloc(ATTRIBUTE_BYTES);
  attributes.writeBigUInt64LE(SCOPE_ABSTRACT_UNIX_SOCKET, 16);
  let rules: number;
  try {
    rules = lib.syscall(LANDLOCK_CREATE_RULESET, attributes, ATTRIBUTE_BYTES, 0);
  } catch (error) {
    if (error instanceof LibcError && UNKNOWN_TO_KERNEL.has(error.code)) return false;
    throw error;
  }
  try {
    lib.syscall(LANDLOCK_RESTRICT_SELF, rules, 0);
  } finally {
    lib.close(rules);
  }
  return true;
}
