import { ProblemError } from "../../core/problem.ts";
import type { OpenedArchive } from "./add-archive.ts";
import type { CopyTarget } from "./copy-target.ts";
import { baseOf, type FileNode, joinPath, parentOf } from "./file-view.ts";
import { followPath } from "./follow-path.ts";

/**
 * Unpacks an archive into the folder `destination` of the target, which is its root: nothing leads out of it.
 * What is in the way goes, but a folder stays where the archive has one too. Modes and times are the archive's; owners too unless given.
 * @throws {ProblemError} `layer-invalid` for a hard link to nothing | `copy-conflict`
 * @see moby/go-archive Unpack, read 2026-11-22
 */
export function unpackInto(
  target: CopyTarget,
  destination: string,
  opened: OpenedArchive,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): void {
  const root = target.resolve(destination);
  target.makeFolders(root, { mode: 0o755, uid: owner?.uid ?? 0, gid: owner?.gid ?? 0 });
  const folders = new Map<string, number>();
  /** Where each hard linked file stands. */
  const places = new Map<FileNode, readonly string[]>();
  const placeOf = (path: string): string => joinPath(followPath(target, parentOf(path), { followLast: true, root }), baseOf(path));
  for (const entry of opened.entries) {
    if (entry.path === "") continue;
    const place = placeOf(entry.path);
    target.makeFolders(parentOf(place), { mode: 0o755, uid: 0, gid: 0 });
    if (entry.type === "hardlink") {
      const source = placeOf(entry.link ?? "");
      const linked = target.get(source);
      if (linked === undefined || linked.type === "directory") {
        throw new ProblemError("layer-invalid", { message: `the archive has a hard link "${entry.path}" to "${entry.link}", which is no file in it` });
      }
      // A link is the file itself: what its header says of owner, mode and time is said of that.
      const changed = { ...linked, mode: entry.mode, uid: owner?.uid ?? entry.uid, gid: owner?.gid ?? entry.gid, mtime: entry.mtime };
      const links = places.get(linked) ?? [source];
      places.set(changed, [...links, place]);
      for (const link of [...links, place]) target.put(link, changed, changed);
      continue;
    }
    const node: FileNode = {
      type: entry.type,
      mode: entry.mode,
      uid: owner?.uid ?? entry.uid,
      gid: owner?.gid ?? entry.gid,
      mtime: entry.mtime,
      size: entry.size,
      link: entry.link,
      device: entry.device,
      ...(entry.xattrs === undefined ? {} : { xattrs: entry.xattrs }),
      ...(entry.type === "file" ? { content: { kind: "member", archive: opened.archive, path: entry.path, offset: entry.offset } } : {}),
    };
    if (node.type === "directory") folders.set(place, entry.mtime);
    if (node.type === "directory" && target.get(place)?.type === "directory") target.change(place, node);
    else target.put(place, node, node.type === "file" ? node : undefined);
  }
  for (const [place, mtime] of folders) {
    const node = target.get(place);
    if (node?.type === "directory") target.change(place, { ...node, mtime });
  }
}
