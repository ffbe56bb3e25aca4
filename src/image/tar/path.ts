import { ProblemError } from "../../core/problem.ts";

/** A hostile name in a message: quoted, control characters escaped, not endless. */
export const shown = (name: string): string => JSON.stringify(name.length > 160 ? `${name.slice(0, 160)}…` : name);

/**
 * A name of an archive as a path inside the root: `/` and `./` before it and `/` after it are dropped, `a/./b//c` is `a/b/c`, `a/../b` is `b`
 * (lexically, as Docker reads layers). The root itself is `""`.
 * @param what   `name` or `link target`, for messages
 * @param limit  most bytes
 * @throws {ProblemError} `layer-invalid` for a name that leads out of the root or holds NUL, `limit-exceeded` for one that is too long
 */
export function cleanPath(name: string, what: string, limit: number): string {
  if (name.includes("\0")) throw new ProblemError("layer-invalid", { message: `an entry's ${what} ${shown(name)} holds a NUL byte` });
  // A UTF-16 unit is at most three bytes: only a name that may be too long is counted.
  if (name.length * 3 > limit && Buffer.byteLength(name) > limit) {
    throw new ProblemError("limit-exceeded", {
      message: `an entry's ${what} ${shown(name)} has ${Buffer.byteLength(name)} bytes, at most ${limit} are accepted`,
    });
  }
  const first = name.charCodeAt(0);
  if (first !== 0x2e && first !== 0x2f && !name.includes("/.") && !name.includes("//")) return name.endsWith("/") ? name.slice(0, -1) : name;
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) {
      throw new ProblemError("layer-invalid", { message: `an entry's ${what} ${shown(name)} leads out of the layer`, facts: { name } });
    }
  }
  return parts.join("/");
}
