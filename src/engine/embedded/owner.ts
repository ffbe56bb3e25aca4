import { ProblemError } from "../../core/problem.ts";
import type { Owner } from "../../plan/graph.ts";
import { readSmall } from "./content.ts";
import type { FileView } from "./file-view.ts";
import { followPath } from "./follow-path.ts";

/** As BuildKit: a passwd or group file larger than this is nobody's (solver/llbsolver/ops/user_linux.go, read 2026-11-22). */
const USER_FILE_BYTES = 10 << 20;
/** The kernel's largest id is one less than the two that mean "none". */
const LARGEST_ID = 0xffff_fffd;

/**
 * Numbers for an owner. Names are looked up in `/etc/passwd` and `/etc/group` of `files`, inside its root.
 * A user by name brings its group; a user by number brings the group of the same number.
 * @param files  asked only when there is a name
 * @throws {ProblemError} `user-unknown`. BuildKit takes root for a name that is not there; we say so instead
 */
export async function resolveOwner(owner: Owner, files: () => Promise<FileView>): Promise<{ readonly uid: number; readonly gid: number }> {
  const userNumber = numberOf(owner.user);
  let uid = userNumber ?? 0;
  let gid = uid;
  if (userNumber === undefined) {
    const fields = await find(owner.user, "user", "etc/passwd", files);
    uid = idOf(fields[2], owner.user, "/etc/passwd");
    gid = idOf(fields[3], owner.user, "/etc/passwd");
  }
  if (owner.group !== undefined) {
    gid = numberOf(owner.group) ?? idOf((await find(owner.group, "group", "etc/group", files))[2], owner.group, "/etc/group");
  }
  return { uid, gid };
}

function numberOf(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const id = Number.parseInt(text, 10);
  if (id <= LARGEST_ID) return id;
  throw new ProblemError("user-unknown", { message: `"${text.slice(0, 40)}" is larger than any user or group id`, hint: `ids go up to ${LARGEST_ID}` });
}

function idOf(text: string | undefined, name: string, file: string): number {
  const id = /^[0-9]{1,10}$/.test(text ?? "") ? Number.parseInt(text as string, 10) : -1;
  if (id >= 0 && id <= LARGEST_ID) return id;
  throw new ProblemError("user-unknown", {
    message: `${file} gives "${name}" the id "${(text ?? "").slice(0, 40)}", which is none`,
    hint: "mend the file in the base image, or give the number",
  });
}

/** Fields of the first line for `name`. */
async function find(name: string, what: "user" | "group", path: string, files: () => Promise<FileView>): Promise<readonly string[]> {
  const unknown = (why: string): ProblemError =>
    new ProblemError("user-unknown", {
      message: `${what} "${name}" is not known: ${why}`,
      hint: `give its number, or add the ${what} in a stage below`,
      facts: { [what]: name, file: `/${path}` },
    });
  const view = await files();
  const node = view.get(followPath(view, path, { followLast: true }));
  if (node === undefined) throw unknown(`the image has no /${path}`);
  if (node.type !== "file" || node.content === undefined) throw unknown(`/${path} is no regular file`);
  const bytes = node.size > USER_FILE_BYTES ? undefined : await readSmall(node.content, USER_FILE_BYTES);
  if (bytes === undefined) throw unknown(`/${path} is larger than ${USER_FILE_BYTES} bytes`);
  for (const line of Buffer.from(bytes).toString("utf8").split("\n")) {
    const fields = line.trim().split(":");
    if (fields[0] === name && !line.trim().startsWith("#")) return fields;
  }
  throw unknown(`/${path} does not have it`);
}
