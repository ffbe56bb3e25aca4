import { mkdirSync, rmSync } from "node:fs";
import { libc, MNT_DETACH } from "../libc.ts";

/** Whether overlay mounts work upon the area, found by making one. */
export function overlayWorks(owner: string): boolean {
  const folder = `work/${owner}.overlay`;
  const [lower, upper, work, at] = ["l", "u", "w", "m"].map((name) => `${folder}/${name}`) as [string, string, string, string];
  for (const path of [folder, lower, upper, work, at]) mkdirSync(path);
  try {
    libc().mount("overlay", at, "overlay", 0, `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`);
    libc().umount(at, MNT_DETACH);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
