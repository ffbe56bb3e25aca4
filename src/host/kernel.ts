import type { KernelFact, Known } from "./facts.ts";
import { known } from "./known.ts";
import type { HostFiles } from "./ports.ts";

/** This machine's system, as Node tells it. */
export interface HostMachine {
  /** As Node's `process.platform`: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** `6.18.5`, as `uname -r` says it. */
  readonly release: string;
  /** As in platforms: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Undefined where users have no numbers. */
  readonly userId: number | undefined;
}

export function readKernel(files: HostFiles, machine: HostMachine): Known<KernelFact> {
  const { platform, release, architecture, userId } = machine;
  return known({ release, architecture, userNamespaces: platform === "linux" ? userNamespaces(files, userId) : undefined }, "uname");
}

/**
 * Whether this user may make user namespaces that are of use.
 * @see Linux Documentation/admin-guide/sysctl/user.rst; Debian's and Ubuntu's own sysctls (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), read 2026-11-22
 */
function userNamespaces(files: HostFiles, userId: number | undefined): boolean | undefined {
  const most = sysctl(files, "user/max_user_namespaces");
  if (most === 0) return false;
  if (userId !== 0 && sysctl(files, "kernel/unprivileged_userns_clone") === 0) return false;
  // They may be made there, and have no right within.
  if (userId !== 0 && sysctl(files, "kernel/apparmor_restrict_unprivileged_userns") === 1) return false;
  return most === undefined ? undefined : true;
}

function sysctl(files: HostFiles, name: string): number | undefined {
  const file = files.read(`/proc/sys/${name}`, true);
  return file.kind === "text" && /^\d+\s*$/.test(file.text) ? Number(file.text) : undefined;
}
