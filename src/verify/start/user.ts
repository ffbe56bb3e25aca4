import { remembered } from "../../core/remembered.ts";
import type { TreeNode } from "../../image/tree.ts";
import type { ImageLayer, PlatformImage } from "../subject.ts";

/** Whom the container's first program runs as. */
export interface User {
  /** As in the config; `root` where it names nobody. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: ReadonlySet<number>;
}

export interface UnknownUser {
  readonly what: "user" | "group";
  readonly name: string;
  /** The file in which the name is not; false: the file is not there at all. */
  readonly fileExists: boolean;
}

const LARGEST_NUMBER = 0x7fff_ffff;
const ROOT: User = { name: "root", uid: 0, gid: 0, groups: new Set([0]) };

/**
 * Reads the config's `User` as runtimes do: `user`, `uid`, `user:group`, in any mixture; names are looked up in the image's `/etc/passwd` and `/etc/group`.
 * Undefined when a file is there that is not kept.
 * @see moby/sys user.GetExecUser, read 2026-11-23
 */
export const userOf: (image: PlatformImage) => User | UnknownUser | undefined = remembered((image) => {
  const spec = image.config.value?.config?.User ?? "";
  const [user = "", group = ""] = spec.split(":");
  const passwd = linesOf(image, "etc/passwd");
  const groups = linesOf(image, "etc/group");
  if (passwd === "unread" || groups === "unread") return user === "" && group === "" ? ROOT : undefined;
  const uid = numberOf(user);
  const entry = passwd?.find(([name, , id]) => (user === "" ? id === "0" : uid === undefined ? name === user : Number(id) === uid));
  if (entry === undefined && user !== "" && uid === undefined) return { what: "user", name: user, fileExists: passwd !== undefined };
  const self = entry === undefined ? (uid ?? 0) : Number(entry[2]);
  const own = entry === undefined ? 0 : Number(entry[3]);
  const name = spec === "" ? ROOT.name : spec;
  if (group === "") {
    const more = groups?.filter(([, , , members = ""]) => entry !== undefined && members.split(",").includes(entry[0] ?? "")) ?? [];
    return { name, uid: self, gid: own, groups: new Set([own, ...more.map(([, , id]) => Number(id))]) };
  }
  const gid = numberOf(group);
  const found = groups?.find(([groupName, , id]) => (gid === undefined ? groupName === group : Number(id) === gid));
  if (found === undefined && gid === undefined) return { what: "group", name: group, fileExists: groups !== undefined };
  const id = found === undefined ? (gid ?? 0) : Number(found[2]);
  return { name, uid: self, gid: id, groups: new Set([id]) };
});

export const isKnownUser = (user: User | UnknownUser | undefined): user is User => user !== undefined && "uid" in user;

/** Whether `user` may execute a file, or enter a folder: by the bits of the first class that it is in; root by anyone's. */
export function mayExecute(node: TreeNode<ImageLayer>, user: User): boolean {
  if (user.uid === 0) return node.type === "directory" || (node.mode & 0o111) !== 0;
  return hasBit(node, user, 0o1);
}

/** Whether `user` may read a file, as an interpreter must. */
export const mayRead = (node: TreeNode<ImageLayer>, user: User): boolean => user.uid === 0 || hasBit(node, user, 0o4);

function hasBit(node: TreeNode<ImageLayer>, user: User, bit: 0o1 | 0o4): boolean {
  // An access control list may say otherwise than the bits.
  if (node.xattrs?.has("system.posix_acl_access") === true) return true;
  if (node.uid === user.uid) return (node.mode & (bit << 6)) !== 0;
  if (user.groups.has(node.gid)) return (node.mode & (bit << 3)) !== 0;
  return (node.mode & bit) !== 0;
}

function numberOf(text: string): number | undefined {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  return number <= LARGEST_NUMBER ? number : undefined;
}

/** Fields of each line; undefined when there is no such file. */
function linesOf(image: PlatformImage, path: string): readonly (readonly string[])[] | "unread" | undefined {
  const node = nodeAt(image, path);
  if (node === undefined) return undefined;
  const content = node.source?.contents?.index.contents.get(node.offset);
  if (content === undefined) return "unread";
  return Buffer.from(content)
    .toString("utf8")
    .split("\n")
    .map((line) => line.trim().split(":"));
}

function nodeAt(image: PlatformImage, path: string): TreeNode<ImageLayer> | undefined {
  try {
    return image.files?.resolve(path, { followLast: true }).node;
  } catch {
    return undefined;
  }
}
