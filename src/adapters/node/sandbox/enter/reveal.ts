import { realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

/** Folders that the warden reads: Node, its own code, the packages. */
export function neededFolders(program: string): string[] {
  const folders = [dirname(realpathSync(process.execPath)), dirname(realpathSync(program))];
  try {
    // With the packages that it needs, beside it.
    folders.push(/^.*\/node_modules/s.exec(createRequire(program).resolve("koffi"))?.[0] ?? "/");
  } catch {
    // Not installed: the warden says so.
  }
  return folders;
}

/** The uppermost folder above `path`, or itself, that others than its owner may not enter; undefined when there is none. */
export function barrier(path: string, modeOf: (path: string) => number = (at) => statSync(at).mode): string | undefined {
  const above = dirname(path);
  const higher = above === path ? undefined : barrier(above, modeOf);
  const OTHERS_MAY_ENTER = 0o001;
  return higher ?? ((modeOf(path) & OTHERS_MAY_ENTER) === 0 ? path : undefined);
}

/**
 * Root's home is closed to others, and namespace root is another: where Node or our code lie in such a folder, that folder is covered by an empty one that shows only
 * them, in a mount namespace of its own. The sandbox then sees less of the machine, not more.
 * @param tools  absolute paths
 * @returns what stands before a command line; nothing when nothing is hidden
 */
export function revealing(folders: readonly string[], tools: { readonly unshare: string; readonly sh: string }): string[] {
  const closed = folders.map((folder) => ({ folder, barrier: barrier(folder) })).filter((one) => one.barrier !== undefined);
  if (closed.length === 0) return [];
  const barriers = [...new Set(closed.map((one) => one.barrier as string))];
  const shown = [...new Set(closed.map(({ folder }) => folder))].sort((a, b) => a.length - b.length);
  return [tools.unshare, "-m", "--propagation", "private", tools.sh, "-euc", SCRIPT, "sh", ...barriers, "--", ...shown, "--"];
}

/** "$@": folders to be covered, `--`, folders to be shown, `--`, the command. Descriptors reach what is covered by then; `-c` keeps mount from looking at names. */
const SCRIPT = `
covered=0
for folder; do [ "$folder" != -- ] || break; covered=$((covered + 1)); done
fd=3
at=0
for folder; do
  at=$((at + 1))
  [ $at -gt $((covered + 1)) ] || continue
  [ "$folder" != -- ] || break
  eval "exec $fd<\\"\\$folder\\""
  fd=$((fd + 1))
done
while [ "$1" != -- ]; do mount -t tmpfs -o mode=755,size=1m tmpfs "$1"; shift; done
shift
fd=3
while [ "$1" != -- ]; do
  mkdir -p "$1"
  mount -c --bind /proc/self/fd/$fd "$1"
  eval "exec $fd<&-"
  fd=$((fd + 1))
  shift
done
shift
exec "$@"
`;
