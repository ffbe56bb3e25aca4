import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Every path below a folder, or of a file, with kind, mode, time and content: equal when nothing was changed. Absent: an empty list. @param skip  names that do not count */
export function treeSnapshot(path: string, skip: (path: string) => boolean = () => false): readonly string[] {
  if (skip(path)) return [];
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const line = (what: string): string => `${path} ${stats.mode.toString(8)} ${what}`;
  if (stats.isSymbolicLink()) return [line(`-> ${readlinkSync(path)}`)];
  // Who may not read it, cannot have changed it.
  const isReadable = (stats.mode & 0o400) !== 0;
  if (stats.isFile()) return [line(`${stats.mtimeMs} ${isReadable ? readFileSync(path).toString("base64") : stats.size}`)];
  if (!stats.isDirectory()) return [line("special")];
  return [line("folder"), ...readdirSync(path).flatMap((name) => treeSnapshot(join(path, name), skip))];
}
