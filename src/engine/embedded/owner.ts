import { ProblemError } from "../../core/problem.ts";
import type { Owner } from "../../plan/graph.ts";
import { readSmall } from "./content.ts";
import type { FileView } from "./file-view.ts";
import { followPath } from "./follow-path.ts";

/** As BuildKit: a passwd or group file larger than this is nobody's (solver/llbsolver/ops/user_linux.go, read 2026-11-22). */
const USER_FILE_BYTES = 10 << 20;
/** The kernel's largest id is one less than the two that mean "none". */
const LARGEST_ID = 0xffff_fffd;
/** A larger number is a name to BuildKit (client/llb/fileop.go parseUID, read 2026-11-22). */
const LARGEST_NUMBER = 0x7fff_ffff;

/** Numbers for an owner, and what had to be assumed for them: `user "app" is not in /etc/passwd`. */
export interface ResolvedOwner {
  readonly uid: number;
  readonly gid: number;
  readonly assumed: readonly string[];
}

/**
 * Looks names up in `/etc/passwd` and `/etc/group` of `files`, inside its root. A user by name brings its group; a user by number the group of the same number.
 * A name that is not there, or whose file is not there, is root, and as a group that of the user, as in BuildKit.
 * @param files  asked only when there is a name; absent: there is nothing below, not even an empty folder (a name then has nowhere to be looked up)
 * @throws {ProblemError} `user-unknown`
 */
export async function resolveOwner(owner: Owner, files: (() => Promise<FileView>) | undefined): Promise<ResolvedOwner> {
  const assumed: string[] = [];
  const lookUp = async (what: "user" | "group", name: string): Promise<readonly string[] | undefined> => {
    const found = await find(name, what, files);
    if (typeof found !== "string") return found;
    assumed.push(`${what} "${name}" ${found}`);
    return undefined;
  };
  const idIn = (file: string, name: string, text = ""): number => {
    if (/^[+-]?[0-9]+$/.test(text)) return idOf(text, name, file);
    assumed.push(`${file} gives "${name}" the id "${text.slice(0, 40)}", which is none`);
    return 0;
  };
  const number = numberOf(owner.user);
  const user = number === undefined ? await lookUp("user", owner.user) : undefined;
  const uid = number ?? (user === undefined ? 0 : idIn("/etc/passwd", owner.user, user[2]));
  let gid = number ?? (user === undefined ? 0 : idIn("/etc/passwd", owner.user, user[3]));
  if (owner.group !== undefined) {
    const groupNumber = numberOf(owner.group);
    const group = groupNumber === undefined ? await lookUp("group", owner.group) : undefined;
    gid = groupNumber ?? (group === undefined ? gid : idIn("/etc/group", owner.group, group[2]));
  }
  return { uid, gid, assumed };
}

function numberOf(text: string): number | undefined {
  const number = /^\+?[0-9]+$/.test(text) ? Number.parseInt(text, 10) : Number.POSITIVE_INFINITY;
  return number <= LARGEST_NUMBER ? number : undefined;
}

function idOf(text: string, name: string, file: string): number {
  const id = Number.parseInt(text, 10);
  if (id >= 0 && id <= LARGEST_ID) return id;
  throw new ProblemError("user-unknown", {
    message: `${file} gives "${name}" the id "${text.slice(0, 40)}", which is none`,
    hint: "mend the file in the base image, or give the number",
  });
}

/** @returns fields of the first line for `name`, or in words why there are none */
async function find(name: string, what: "user" | "group", files: (() => Promise<FileView>) | undefined): Promise<readonly string[] | string> {
  const path = what === "user" ? "etc/passwd" : "etc/group";
  const unknown = (why: string): ProblemError =>
    new ProblemError("user-unknown", {
      message: `${what} "${name}" is not known: ${why}`,
      hint: `give its number, or add the ${what} in a stage below`,
      facts: { [what]: name, file: `/${path}` },
    });
  if (files === undefined) throw unknown("there are no files below to look it up in (FROM scratch, or --link)");
  const view = await files();
  const node = view.get(followPath(view, path, { followLast: true }));
  if (node === undefined) return `cannot be looked up: there is no /${path}`;
  if (node.type !== "file" || node.content === undefined) throw unknown(`/${path} is no regular file`);
  const bytes = node.size > USER_FILE_BYTES ? undefined : await readSmall(node.content, USER_FILE_BYTES);
  if (bytes === undefined) throw unknown(`/${path} is larger than ${USER_FILE_BYTES} bytes`);
  for (const line of Buffer.from(bytes).toString("utf8").split("\n")) {
    const fields = line.trim().split(":");
    if (fields[0] === name && !line.trim().startsWith("#")) return fields;
  }
  return `is not in /${path}`;
}
