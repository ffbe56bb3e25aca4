import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import type { SandboxWorld } from "../../../../engine/sandbox.ts";
import { wardenProgram } from "../warden-program.ts";
import { type IdRange, idCount, ownIds, rootMap, subordinateMap } from "./id-ranges.ts";
import { neededFolders, revealing } from "./reveal.ts";
import { findTool } from "./tools.ts";
import { makeUserNamespace } from "./user-namespace.ts";

export type EnteredWorld = Exclude<SandboxWorld, "none">;

/** A world to be tried. */
export interface Candidate {
  readonly world: EnteredWorld;
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
  /** Gets ready. @returns what stands before the warden's own command line. @throws {Error} why it cannot be entered, in the machine's words */
  enter(): Promise<Entrance>;
}

export interface Entrance {
  readonly command: readonly string[];
  /** Once the warden runs, or has failed. */
  release(): void;
}

/** The worlds that this user can hope for, best first. */
export function candidateWorlds(): readonly Candidate[] {
  return process.getuid?.() === 0 ? [rootWorld(), chrootWorld()] : [subordinateWorld(), singleWorld()];
}

function rootWorld(): Candidate {
  const uids = rootMap(ownIds("uid"));
  const gids = rootMap(ownIds("gid"));
  return {
    world: idCount(uids) === 1 ? "single-id" : "root",
    uids,
    gids,
    async enter() {
      const tools = need("unshare", "cat", "nsenter", "setpriv", "sh");
      const shown = revealing(neededFolders(wardenProgram()), tools);
      const { command, release } = await inHolder(uids, gids, tools);
      return { command: [...shown, ...command], release };
    },
  };
}

function subordinateWorld(): Candidate {
  const { uid, gid, username } = whoAmI();
  const names = [username, String(uid)];
  const uids = subordinateMap(read("/etc/subuid"), names, uid);
  const gids = subordinateMap(read("/etc/subgid"), names, gid);
  return {
    world: "subordinate-ids",
    uids,
    gids,
    async enter() {
      for (const [file, ranges] of [
        ["/etc/subuid", uids],
        ["/etc/subgid", gids],
      ] as const) {
        if (ranges.length === 0) throw new Error(`${file} has no range for ${username}`);
      }
      const tools = need("unshare", "cat", "nsenter", "setpriv", "newuidmap", "newgidmap");
      return await inHolder(uids, gids, tools);
    },
  };
}

function singleWorld(): Candidate {
  const { uid, gid } = whoAmI();
  return {
    world: "single-id",
    uids: [{ inside: 0, outside: uid, count: 1 }],
    gids: [{ inside: 0, outside: gid, count: 1 }],
    async enter() {
      const { setpriv, unshare } = need("unshare", "setpriv");
      return { command: [...dieWithUs(setpriv), unshare, "-U", "--map-root-user", ...OWN_NAMESPACES], release: () => {} };
    },
  };
}

/** For root within the walls of a container alone: without them, programs that are root could do anything to the machine. */
function chrootWorld(): Candidate {
  return {
    world: "chroot",
    uids: ownIds("uid").map(({ inside, count }) => ({ inside, outside: inside, count })),
    gids: ownIds("gid").map(({ inside, count }) => ({ inside, outside: inside, count })),
    async enter() {
      if (hasCapability(SYS_ADMIN)) throw new Error("not tried, because root is not confined here");
      if (!hasCapability(SYS_CHROOT)) throw new Error("root may not chroot here");
      // It ends by itself when we are gone: killed, it would leave its programs behind.
      return { command: [], release: () => {} };
    },
  };
}

/** Killed as soon as the thread that started it is gone: the kernel sees to it, whatever becomes of us. */
const dieWithUs = (setpriv: string): string[] => [setpriv, "--pdeathsig", "KILL"];
/** The warden is the first process of its namespace: with it goes everything. */
const OWN_NAMESPACES = ["-m", "-p", "-f", "--kill-child=SIGKILL", "--propagation", "private"];

/** nsenter, because who enters by it has all rights there without having been anybody but root in between. */
async function inHolder(
  uids: readonly IdRange[],
  gids: readonly IdRange[],
  tools: { unshare: string; cat: string; nsenter: string; setpriv: string; newuidmap?: string; newgidmap?: string },
): Promise<Entrance> {
  const { pid, release } = await makeUserNamespace(uids, gids, tools);
  const enter = [tools.nsenter, "-t", String(pid), "-U", "-S", "0", "-G", "0"];
  return { command: [...enter, ...dieWithUs(tools.setpriv), tools.unshare, ...OWN_NAMESPACES], release };
}

function need<Name extends string>(...names: Name[]): Record<Name, string> {
  const found = names.map((name) => [name, findTool(name)] as const);
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => `"${name}"`);
  if (missing.length > 0) throw new Error(`${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed`);
  return Object.fromEntries(found) as Record<Name, string>;
}

function whoAmI(): { uid: number; gid: number; username: string } {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  try {
    return { uid, gid, username: userInfo().username };
  } catch {
    // No line in passwd, as in containers that are given any user id.
    return { uid, gid, username: String(uid) };
  }
}

/** Source: include/uapi/linux/capability.h of Linux 6.18, read 2026-11-22. */
const SYS_CHROOT = 18;
const SYS_ADMIN = 21;

function hasCapability(number: number): boolean {
  const set = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(read("/proc/self/status"))?.[1] ?? "0"}`);
  return ((set >> BigInt(number)) & 1n) === 1n;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
