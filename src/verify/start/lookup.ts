import { shown } from "../../image/tar/path.ts";
import type { Tree, TreeNode } from "../../image/tree.ts";
import type { ImageLayer } from "../subject.ts";
import type { Started } from "./start.ts";
import { mayExecute, mayRead, type User } from "./user.ts";

/** What a program is looked up in: a container's state at the moment, as far as it is known. */
export interface World {
  readonly tree: Tree<ImageLayer>;
  /** Absolute, without a slash at its end but for the root's; undefined: not known. */
  readonly folder: string | undefined;
  /** Folders of PATH; undefined: not known. */
  readonly path: readonly string[] | undefined;
  /** Undefined: not known; then whatever anyone may execute is taken as permitted. */
  readonly user: User | undefined;
  /** Absolute paths where something else lies at run time. */
  readonly volumes: readonly string[];
}

export interface Found {
  readonly steps: readonly string[];
  readonly path: string | undefined;
  readonly node: TreeNode<ImageLayer> | undefined;
  readonly what: Started;
  /** False below a volume. */
  readonly certain: boolean;
}

/** Symbolic links that Linux follows for one path. */
const KERNEL_LINK_LIMIT = 40;
/** They have at run time what no layer holds. */
const MADE_AT_RUN_TIME = ["/proc", "/sys", "/dev", "/run/secrets"];

/**
 * Finds a program as Go's `exec.LookPath` in runc and `execvp` do: a name with a slash is a path, from the folder that one is in; any other is looked for in PATH,
 * passing over folders and what may not be executed.
 * @see golang/go os/exec/lp_unix.go and opencontainers/runc libcontainer/standard_init_linux.go, read 2026-11-23
 */
export function lookUpProgram(world: World, name: string): Found {
  if (name.includes("/")) return lookUpPath(world, name);
  if (name === "") return { ...NOTHING, what: { kind: "missing", searched: undefined }, certain: true };
  if (world.path === undefined) return unknown("PATH is not known");
  let passedOver: Found | undefined;
  let certain = true;
  for (const folder of world.path) {
    const found = lookUpPath(world, folder === "" ? `./${name}` : `${folder}/${name}`);
    if (found.what.kind === "unknown") return found;
    if (!found.certain || !folder.startsWith("/")) certain = false;
    if (isRunnable(found.what)) return { ...found, steps: [`PATH leads to ${folder === "" ? "." : folder}/${name}`, ...found.steps], certain };
    if (found.what.kind === "not-executable" || found.what.kind === "not-permitted")
      passedOver ??= { ...found, steps: [`PATH leads to ${folder}/${name}`, ...found.steps] };
  }
  if (passedOver !== undefined) return { ...passedOver, certain };
  return { ...NOTHING, what: { kind: "missing", searched: world.path }, certain };
}

/** What lies at a path, absolute or from the folder that one is in, seen as a program. */
export function lookUpPath(world: World, path: string): Found {
  if (!path.startsWith("/") && world.folder === undefined) return unknown("the folder is not known");
  const found = follow(world, absolute(world.folder ?? "/", path));
  if (found.what.kind === "data" && found.node !== undefined) return { ...found, what: startedOf(found.node, found.path ?? "", world) };
  return found;
}

/** `./a/../b` from a folder, as an absolute path; `..` is left for the tree, which knows of links. */
export const absolute = (folder: string, path: string): string =>
  path.startsWith("/") ? path : `${folder === "/" ? "" : folder}/${path.replace(/^(?:\.\/+)+/, "")}`;

export const isRunnable = (what: Started): boolean => what.kind === "binary" || what.kind === "script" || what.kind === "data";

const NOTHING = { steps: [], path: undefined, node: undefined } as const;

const unknown = (why: string): Found => ({ ...NOTHING, what: { kind: "unknown", why }, certain: false });

/** Follows links to what lies there; a file comes back as `data`. */
function follow(world: World, asked: string): Found {
  const steps: string[] = [];
  let at = asked;
  for (let links = 0; links <= KERNEL_LINK_LIMIT; links++) {
    if (isWithin(at, MADE_AT_RUN_TIME)) return unknown(`${at} is there at run time only`);
    const { path, node } = resolveOrNothing(world.tree, at);
    if (path === undefined) break;
    const certain = !isWithin(`/${path}`, world.volumes);
    if (node === undefined) return { steps, path: undefined, node: undefined, what: { kind: "missing", searched: undefined }, certain };
    const closed = closedFolder(world, path);
    if (closed !== undefined) return { steps, path: `/${path}`, node, what: closed, certain };
    if (node.type === "symlink") {
      const target = node.link ?? "";
      steps.push(`/${path} is a symbolic link to ${shown(target)}`);
      at = target.startsWith("/") ? target : `/${path.slice(0, path.lastIndexOf("/") + 1)}${target}`;
      continue;
    }
    if (node.type === "directory") return { steps, path: `/${path}`, node, what: { kind: "folder" }, certain };
    if (node.type !== "file") return unknown(`/${path} is a device or pipe`);
    return { steps, path: `/${path}`, node, what: { kind: "data" }, certain };
  }
  steps.push(`symbolic links lead in a circle from ${shown(asked)}`);
  return { steps, path: undefined, node: undefined, what: { kind: "missing", searched: undefined }, certain: true };
}

function resolveOrNothing(tree: Tree<ImageLayer>, path: string): { readonly path: string | undefined; readonly node: TreeNode<ImageLayer> | undefined } {
  try {
    return tree.resolve(path, { followLast: false });
  } catch {
    return { path: undefined, node: undefined };
  }
}

/** A folder on the way that the user may not enter. */
function closedFolder({ tree, user }: World, path: string): Started | undefined {
  if (user === undefined || user.uid === 0) return undefined;
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
    const folder = tree.get(path.slice(0, end));
    if (folder !== undefined && !mayExecute(folder, user))
      return { kind: "not-permitted", user: user.name, why: `the folder /${path.slice(0, end)} ${modeOf(folder)}` };
  }
  return undefined;
}

function startedOf(node: TreeNode<ImageLayer>, path: string, { user }: World): Started {
  if ((node.mode & 0o111) === 0) return { kind: "not-executable" };
  if (user !== undefined && !mayExecute(node, user)) return { kind: "not-permitted", user: user.name, why: `${path} ${modeOf(node)}` };
  const contents = node.source?.contents;
  if (contents === undefined) return { kind: "unknown", why: `the layer that holds ${path} is not known` };
  const binary = contents.binaries.get(node.offset);
  if (binary !== undefined) return { kind: "binary", binary };
  const line = contents.scripts.get(node.offset);
  if (line === undefined) return { kind: "data" };
  if (user !== undefined && !mayRead(node, user))
    return { kind: "not-permitted", user: user.name, why: `its interpreter must read it, and ${path} ${modeOf(node)}` };
  return { kind: "script", line };
}

/** `has mode 0750 and owner 0:0`. */
const modeOf = (node: TreeNode<ImageLayer>): string => `has mode ${node.mode.toString(8).padStart(4, "0")} and owner ${node.uid}:${node.gid}`;

const isWithin = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`));
