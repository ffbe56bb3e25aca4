import { createHash } from "node:crypto";
import { chownSync, existsSync, linkSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isHeld, type Lease } from "../store/lease.ts";
import { withLock } from "../store/lock.ts";
import { makeFolder } from "../store/make-folder.ts";
import { isErrno } from "../store/problem.ts";
import { interrupted } from "./warden-request.ts";

/** A cache's folder, held for a program. */
export interface HeldCache {
  /** From the area: `caches/HEX/N`. */
  readonly folder: string;
  release(): void;
}

/** Between looks at folders that are held for as long as programs run. */
const LOOK_AGAIN_MS = 20;
/** How long a holder that is out of our sight (in another container) is taken to live: longer than any program. */
const UNSEEN_HOLD_MS = 24 * 3_600_000;
/** `N.lock`: somebody has the folder alone; `N.use.ANYTHING`: somebody has it with others. Both hold their owner's name. */
const HOLD = /^(\d+)\.(lock|use\..+)$/;

/**
 * Finds a folder for a cache mount, and holds it: against other programs of this build, and of other processes. What a dead process held is free.
 *
 *   shared   a folder that nobody has alone
 *   private  a folder that nobody has; a new one when all are held
 *   locked   a folder that nobody has; waits for it when all are held
 *
 * @param owner  uid and gid, outside, of the namespace's root
 * @throws {ProblemError} `interrupted`
 */
export async function holdCache(
  area: string,
  { id, sharing }: { readonly id: string; readonly sharing: "shared" | "private" | "locked" },
  owner: { readonly uid: number; readonly gid: number },
  lease: Lease,
  signal: AbortSignal,
): Promise<HeldCache> {
  const name = `caches/${createHash("sha256").update(id).digest("hex")}`;
  const place = join(area, name);
  for (;;) {
    if (signal.aborted) throw interrupted();
    makePlace(place, id, owner);
    const held = await withLock(join(place, "lock"), lease, () => tryHold(place, sharing, lease), { signal });
    if (held !== undefined) return { folder: `${name}/${held.number}`, release: held.release };
    await delay(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {});
  }
}

/** Removes the folders of a cache that nobody holds. @param remove  takes `HEX/N` away */
export async function removeFreeCaches(area: string, id: string, lease: Lease, remove: (key: string) => Promise<void>): Promise<void> {
  const name = createHash("sha256").update(id).digest("hex");
  const place = join(area, "caches", name);
  if (!existsSync(place)) return;
  await withLock(join(place, "lock"), lease, async () => {
    const names = readdirSync(place);
    const held = new Set(names.flatMap((entry) => (HOLD.test(entry) && isLive(join(place, entry)) ? [entry.split(".")[0]] : [])));
    for (const number of names.filter((entry) => /^\d+$/.test(entry) && !held.has(entry))) await remove(`${name}/${number}`);
  });
}

function makePlace(place: string, id: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  if (existsSync(join(place, "id"))) return;
  makeFolder(place, 0o755);
  chownSync(place, uid, gid);
  writeFileSync(join(place, "id"), id);
}

function tryHold(place: string, sharing: "shared" | "private" | "locked", lease: Lease): { readonly number: number; readonly release: () => void } | undefined {
  const names = readdirSync(place);
  const [alone, together] = [new Set<number>(), new Set<number>()];
  for (const name of names) {
    const [, number, how] = HOLD.exec(name) ?? [];
    if (number !== undefined && isLive(join(place, name))) (how === "lock" ? alone : together).add(Number(number));
  }
  const present = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const highest = Math.max(-1, ...present, ...alone, ...together);
  const free = (number: number): boolean => !alone.has(number) && (sharing === "shared" || !together.has(number));
  const found = Array.from({ length: highest + 1 }, (_, number) => number).find(free);
  if (found === undefined && sharing === "locked" && highest >= 0) return undefined;
  const number = found ?? highest + 1;
  // Somebody is about to make it, and to put into it what a new one has.
  if (together.has(number) && !present.includes(number)) return undefined;
  const hold = join(place, sharing === "shared" ? `${number}.use.${lease.ingestPath().split("/").at(-1)}` : `${number}.lock`);
  linkSync(lease.path, hold);
  touch(join(place, `${number}.used`));
  return { number, release: () => rmSync(hold, { force: true }) };
}

/** Whether a hold's owner may still use it; a dead owner's is taken away. */
function isLive(path: string): boolean {
  try {
    if (isHeld(readFileSync(path, "utf8"), statSync(path).ctimeMs, UNSEEN_HOLD_MS)) return true;
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  rmSync(path, { force: true });
  return false;
}

function touch(path: string): void {
  writeFileSync(path, "");
  const now = new Date();
  utimesSync(path, now, now);
}
