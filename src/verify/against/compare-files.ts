import type { Tree, TreeNode } from "../../image/tree.ts";
import type { ImageLayer } from "../subject.ts";
import { inBoth } from "./both-walks.ts";
import { type FileDifference, type FilesComparison, LISTED_DIFFERENCES } from "./comparison.ts";

type FileNode = TreeNode<ImageLayer>;

/** Both file systems, path by path; undefined when one is not known. */
export function compareFiles(here: Tree<ImageLayer> | undefined, there: Tree<ImageLayer> | undefined): FilesComparison | undefined {
  if (here === undefined || there === undefined) return undefined;
  const counts = { added: 0, removed: 0, changed: 0, timesOnly: 0, uncompared: 0 };
  const changes: Placed[] = [];
  const times: Placed[] = [];
  let place = 0;
  const note = (list: Placed[], path: string, change: FileDifference["change"], what: readonly string[]): void => {
    if (list.length < LISTED_DIFFERENCES) list.push({ place, path: `/${path}`, change, what });
  };
  for (const [path, ours, theirs] of inBoth(here, there)) {
    place++;
    if (theirs === undefined || ours === undefined) {
      const change = theirs === undefined ? "added" : "removed";
      counts[change]++;
      note(changes, path, change, []);
      continue;
    }
    const content = sameContent(ours, theirs);
    if (content === undefined) counts.uncompared++;
    const what = differences(ours, theirs, content === false);
    if (what.length === 0) continue;
    const timesOnly = what.length === 1 && what[0] === "mtime" && content !== undefined;
    counts[timesOnly ? "timesOnly" : "changed"]++;
    note(timesOnly ? times : changes, path, "changed", what);
  }
  const list = [...changes, ...times.slice(0, LISTED_DIFFERENCES - changes.length)]
    .sort((a, b) => a.place - b.place)
    .map(({ path, change, what }) => ({ path, change, what }));
  return { ...counts, list };
}

interface Placed extends FileDifference {
  readonly place: number;
}

/** Undefined: nobody read it closely enough. */
function sameContent(ours: FileNode, theirs: FileNode): boolean | undefined {
  if (ours.type !== "file" || theirs.type !== "file") return true;
  if (ours.size !== theirs.size) return false;
  if (ours.size === 0 || isSameEntry(ours, theirs)) return true;
  const [a, b] = [hashOf(ours), hashOf(theirs)];
  return a === undefined || b === undefined ? undefined : a === b;
}

/** The same place of the same archive. */
const isSameEntry = ({ source: a, offset }: FileNode, { source: b, offset: other }: FileNode): boolean =>
  offset === other && a?.contents !== undefined && (a.contents === b?.contents || a.contents.index.diffId === b?.contents?.index.diffId);

const hashOf = ({ source, offset }: FileNode): string | undefined => source?.contents?.hashes?.get(offset);

function differences(ours: FileNode, theirs: FileNode, content: boolean): readonly string[] {
  if (ours === theirs) return [];
  const what: string[] = [];
  if (ours.type !== theirs.type) what.push("type");
  if (content) what.push("content");
  if (ours.size !== theirs.size) what.push("size");
  if (ours.link !== theirs.link) what.push("link");
  if (ours.device?.major !== theirs.device?.major || ours.device?.minor !== theirs.device?.minor) what.push("device");
  // Linux does not look at the mode of a symlink, and archives differ in what they write.
  if (ours.mode !== theirs.mode && !(ours.type === "symlink" && theirs.type === "symlink")) what.push("mode");
  if (ours.uid !== theirs.uid || ours.gid !== theirs.gid) what.push("owner");
  if (!sameXattrs(ours.xattrs, theirs.xattrs)) what.push("xattrs");
  if (ours.mtime !== theirs.mtime) what.push("mtime");
  return what;
}

function sameXattrs(a: FileNode["xattrs"], b: FileNode["xattrs"]): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  for (const [key, value] of a ?? []) {
    const other = b?.get(key);
    if (other === undefined || Buffer.compare(value, other) !== 0) return false;
  }
  return true;
}
