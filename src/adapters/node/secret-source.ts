import { closeSync, openSync, readSync, statSync } from "node:fs";
import { ProblemError } from "../../core/problem.ts";

/** As BuildKit: a secret has no more. @see moby/buildkit session/secrets/secretsprovider/secretsprovider.go `MaxSecretSize`, read 2026-11-22 */
export const MAX_SECRET_BYTES = 500 * 1024;

/** Looks at a secret's file before anything is built. @throws {ProblemError} `secret-missing` | `limit-exceeded` */
export function checkSecretFile(id: string, path: string): void {
  let size: number;
  try {
    const kind = statSync(path);
    if (kind.isDirectory()) throw Object.assign(new Error(path), { code: "EISDIR" });
    size = kind.size;
  } catch (cause) {
    throw unreadable(id, path, cause);
  }
  checkSecretSize(id, size);
}

/** @throws {ProblemError} `secret-missing` | `limit-exceeded` */
export function readSecretFile(id: string, path: string): Uint8Array {
  const room = Buffer.alloc(MAX_SECRET_BYTES + 1);
  let size = 0;
  try {
    const fd = openSync(path, "r");
    try {
      // A pipe gives it piece by piece.
      for (let read = -1; read !== 0 && size < room.byteLength; size += read) read = readSync(fd, room, size, room.byteLength - size, null);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw unreadable(id, path, cause);
  }
  checkSecretSize(id, size);
  return Uint8Array.prototype.slice.call(room, 0, size);
}

/** @throws {ProblemError} `limit-exceeded` */
export function checkSecretSize(id: string, size: number): void {
  if (size > MAX_SECRET_BYTES)
    throw new ProblemError("limit-exceeded", {
      message: `the secret "${id}" has more than ${MAX_SECRET_BYTES} bytes, the most that BuildKit takes`,
      hint: "give several secrets, or a named context (--build-context) mounted with --mount=from=NAME for what is no secret",
    });
}

function unreadable(id: string, path: string, cause: unknown): ProblemError {
  const { code } = cause as NodeJS.ErrnoException;
  const what = code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
  return new ProblemError("secret-missing", {
    message: `the secret "${id}" is to come from "${path}", which ${what}`,
    hint: `name its file with --secret id=${id},src=FILE, or a variable with --secret id=${id},env=VARIABLE`,
    facts: { secret: id },
    cause,
  });
}
