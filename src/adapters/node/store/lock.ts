import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isHeld, type Lease } from "./lease.ts";
import { isErrno } from "./problem.ts";

/** Between looks at a lock that another process holds. Critical sections are file operations of a few milliseconds; pruning may take seconds. */
const LOOK_AGAIN_MS = 3;
/** How long a holder that is out of our sight (in another container) is waited for. */
const UNSEEN_HOLD_MS = 60_000;

export interface WaitOptions {
  /** Between looks at a lock that another process holds, milliseconds. */
  readonly lookAgainMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `act` while no other process holds the lock file. A lock is a hard link to the holder's lease, made in one step and
 * holding the owner's name; the lock of a process that was killed is taken over.
 */
export async function withLock<T>(
  path: string,
  lease: Lease,
  act: () => T | Promise<T>,
  { lookAgainMs = LOOK_AGAIN_MS, signal }: WaitOptions = {},
): Promise<T> {
  while (!tryLock(path, lease)) {
    signal?.throwIfAborted();
    if (!breakDead(path, lease)) await delay(lookAgainMs);
  }
  try {
    return await act();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * For readers who need a lock's holder to be done, and not the lock itself.
 * @returns false when nobody held it; true when somebody did, and has ended now
 */
export async function passed(path: string): Promise<boolean> {
  let waited = false;
  while (holder(path) === "alive") {
    waited = true;
    await delay(LOOK_AGAIN_MS);
  }
  return waited;
}

/** One try; false when somebody holds it, or the lease had to be renewed. */
function tryLock(path: string, lease: Lease): boolean {
  try {
    linkSync(lease.path, path);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (!isErrno(error, "ENOENT") || existsSync(lease.path)) throw error;
    lease.renew();
    return false;
  }
}

/** Takes a dead holder's lock away; false when the holder lives. */
function breakDead(path: string, lease: Lease): boolean {
  const held = holder(path);
  if (held !== "dead") return held === undefined;
  const aside = lease.ingestPath();
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    throw error;
  }
  // Another process may have been quicker, so that what was moved is its fresh lock: give it back.
  if (holder(aside) === "alive") {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
  }
  rmSync(aside, { force: true });
  return true;
}

function holder(path: string): "alive" | "dead" | undefined {
  try {
    const owner = readFileSync(path, "utf8");
    // Linking changes the inode's ctime: that is when the lock was taken.
    return isHeld(owner, statSync(path).ctimeMs, UNSEEN_HOLD_MS) ? "alive" : "dead";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
