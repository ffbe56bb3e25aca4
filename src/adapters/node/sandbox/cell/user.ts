import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { CellRefusal } from "./refusal.ts";
import { placeInRoot } from "./root-path.ts";

/** Of passwd and group: as much as BuildKit reads. */
const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** The kernel would take more; a number with the highest bit set has a meaning of its own in half of its calls. */
const MAX_ID = 2 ** 31 - 1;

/** Whom a program runs as. */
export interface ProgramUser {
  readonly uid: number;
  readonly gid: number;
  /** All of its groups, `gid` first. */
  readonly groups: readonly number[];
  /** From passwd, by `uid`, which may say that it is empty; `/` where it says nothing of the user. */
  readonly home: string;
}

/**
 * Looks up what USER says (`name`, `uid`, `name:group`, `uid:gid`; empty: root) in a root's own passwd and group, as runc does: a number needs no entry there, and
 * has the entry's group and further groups when it has one. Files that are none, or lie outside, count as missing.
 * @throws {CellRefusal} `run-failed`
 */
export function userOf(root: string, spec: string): ProgramUser {
  const colon = spec.indexOf(":");
  const name = colon < 0 ? spec : spec.slice(0, colon);
  const group = colon < 0 ? "" : spec.slice(colon + 1);
  const uid = numberOf(name, spec);
  const gid = numberOf(group, spec);
  const users = fieldsOf(root, "/etc/passwd", spec === "");
  const homeOf = (of: number): string => {
    const entry = users.find((user) => idOf(user[2]) === of);
    return entry === undefined ? "/" : (entry[5] ?? "");
  };

  // Both are numbers, or root: nothing is looked up, and there are no further groups.
  const [plainUid, plainGid] = [name === "root" ? 0 : uid, group === "root" ? 0 : gid];
  if (plainUid !== undefined && plainGid !== undefined) return { uid: plainUid, gid: plainGid, groups: [plainGid], home: homeOf(plainUid) };

  const wantedUid = name === "" ? 0 : uid;
  const found = users.find((user) => idOf(user[2]) !== undefined && (wantedUid === undefined ? user[0] === name : idOf(user[2]) === wantedUid));
  if (found === undefined && wantedUid === undefined)
    throw new CellRefusal({
      code: "run-failed",
      message: `there is no user "${name}" in /etc/passwd of the stage`,
      hint: "make the user by an earlier RUN, or name it by its number",
    });
  const is = found === undefined ? wantedUid! : idOf(found[2])!;
  const own = found === undefined ? 0 : (idOf(found[3]) ?? 0);
  if (group === "" && found === undefined) return { uid: is, gid: own, groups: [own], home: homeOf(is) };

  const groups = fieldsOf(root, "/etc/group", spec === "");
  if (group === "") {
    const further = groups.flatMap((line) => ((line[3] ?? "").split(",").includes(found![0]!) ? [idOf(line[2])] : [])).filter((id) => id !== undefined);
    return { uid: is, gid: own, groups: [...new Set([own, ...further])], home: homeOf(is) };
  }
  const chosen = gid ?? idOf(groups.find((line) => line[0] === group && idOf(line[2]) !== undefined)?.[2]);
  if (chosen === undefined)
    throw new CellRefusal({
      code: "run-failed",
      message: `there is no group "${group}" in /etc/group of the stage`,
      hint: "make the group by an earlier RUN, or name it by its number",
    });
  return { uid: is, gid: chosen, groups: [chosen], home: homeOf(is) };
}

function numberOf(text: string, spec: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const id = Number(text);
  if (id < 0 || id > MAX_ID) throw new CellRefusal({ code: "run-failed", message: `user "${spec}" cannot be: numbers go from 0 to ${MAX_ID}` });
  return id;
}

function idOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]+$/.test(text)) return undefined;
  const id = Number(text);
  return id <= MAX_ID ? id : undefined;
}

function fieldsOf(root: string, path: string, lenient: boolean): string[][] {
  const text = textOf(root, path, lenient);
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

/** @param lenient  too large counts as missing */
function textOf(root: string, path: string, lenient: boolean): string {
  let file: number;
  try {
    const place = placeInRoot(root, path);
    if (place.kind !== "file") return "";
    // Opening a fifo must not wait for its other end, and a device may do anything: it is looked at before it is read.
    file = openSync(`${root}/${place.path}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return "";
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return "";
    if (stat.size > MAX_FILE_BYTES) {
      if (lenient) return "";
      throw new CellRefusal({
        code: "run-failed",
        message: `${path} of the stage has ${stat.size} bytes, more than the ${MAX_FILE_BYTES} that are read to find a user`,
      });
    }
    const bytes = Buffer.alloc(stat.size);
    let read = 0;
    for (let got = -1; read < bytes.length && got !== 0; read += got) got = readSync(file, bytes, read, bytes.length - read, read);
    return bytes.toString("utf8", 0, read);
  } finally {
    closeSync(file);
  }
}
