import { type ChildProcess, execFile } from "node:child_process";
import { readlinkSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type IdRange, mapText } from "./id-ranges.ts";
import { lastWords, spawnClean } from "./spawn-clean.ts";
import { TOOL_ENVIRONMENT } from "./tools.ts";

/** A user namespace, kept by a process that waits for its input to end. */
export interface UserNamespace {
  readonly pid: number;
  /** Lets go of it: it stays as long as somebody else is in it. */
  release(): void;
}

/** How long `unshare` may take; a loaded machine is slow. */
const UNSHARE_MS = 10_000;
const LOOK_AGAIN_MS = 1;

/**
 * Makes a user namespace with these ids.
 * @param tools  absolute paths; `newuidmap` and `newgidmap` for who may not write the maps
 * @throws {Error} in the machine's words
 */
export async function makeUserNamespace(
  uids: readonly IdRange[],
  gids: readonly IdRange[],
  tools: { readonly unshare: string; readonly cat: string; readonly newuidmap?: string; readonly newgidmap?: string },
): Promise<UserNamespace> {
  const holder = spawnClean([tools.unshare, "-U", tools.cat], ["pipe", "ignore", "pipe"]);
  const said = lastWords(holder);
  const release = (): void => void holder.stdin?.destroy();
  holder.stdin?.on("error", () => {});
  try {
    await entered(holder, said);
    const pid = holder.pid as number;
    if (tools.newuidmap === undefined || tools.newgidmap === undefined) {
      writeFileSync(`/proc/${pid}/uid_map`, mapText(uids));
      writeFileSync(`/proc/${pid}/gid_map`, mapText(gids));
    } else {
      await Promise.all([writeMap(tools.newuidmap, pid, uids), writeMap(tools.newgidmap, pid, gids)]);
    }
    return { pid, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Waits until the process is in its own namespace. */
async function entered(holder: ChildProcess, said: () => string): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    holder.once("error", reject);
    holder.once("close", (code, signal) => reject(new Error(said() || `unshare ended with ${signal ?? `exit code ${code}`}`)));
  });
  failed.catch(() => {});
  const ours = readlinkSync("/proc/self/ns/user");
  const until = Date.now() + UNSHARE_MS;
  while (holder.pid === undefined || userNamespaceOf(holder.pid, ours) === ours) {
    if (Date.now() > until) throw new Error(`unshare made no user namespace within ${UNSHARE_MS / 1000} seconds`);
    await Promise.race([delay(LOOK_AGAIN_MS), failed]);
  }
}

/** @param otherwise  for a process that has ended */
function userNamespaceOf(pid: number, otherwise: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`);
  } catch {
    return otherwise;
  }
}

function writeMap(tool: string, pid: number, ranges: readonly IdRange[]): Promise<void> {
  const numbers = ranges.flatMap(({ inside, outside, count }) => [inside, outside, count].map(String));
  return new Promise((resolve, reject) => {
    execFile(tool, [String(pid), ...numbers], { env: { ...TOOL_ENVIRONMENT } }, (error, _, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr.trim() || error.message));
    });
  });
}
