import { posix } from "node:path";
import { ProblemError } from "../core/problem.ts";

// How BuildKit reads the paths of instructions. On Linux an absolute path is kept as written, which shows in the image's WorkingDir.
// Source: moby/buildkit util/system/path.go and client/llb/fileop.go (normalizePath), read 2026-11-22.

/** The working folder after `WORKDIR path`, as the image's config tells it; `current` may be empty. Windows paths come back with backslashes, without drive. */
export function workingDirectory(current: string, path: string, os: string): string {
  const joined = join(current, path, os);
  return os === "windows" ? joined.replaceAll("/", "\\") : joined;
}

/** Where a COPY goes: absolute and cleaned, with a `/` at its end where `path` says that it is a folder (`x/`, `x/.`, `.`, nothing). */
export function destinationPath(workingDir: string, path: string, os: string): string {
  const slashed = slashes(path, os);
  const cleaned = clean(join(workingDir === "" ? "/" : workingDir, path, os));
  const folder = slashed === "" || slashed === "." || slashed.endsWith("/") || slashed.endsWith("/.");
  return folder && cleaned !== "/" ? `${cleaned}/` : cleaned;
}

/** A source inside a context or image: absolute and cleaned, so that `..` never leads out. */
export const sourcePath = (path: string, os: string): string => clean(join("/", path, os));

/** True when `path`, read from the root of the context, would lead above it. */
export const leadsOut = (path: string): boolean => /^\.\.(?:\/|$)/.test(posix.normalize(path.replace(/^\/+/, "")));

/** `.` and `..` gone, absolute, no slash at the end. */
export const absolutePath = (path: string, os: string): string => clean(slashes(path, os));

function join(parent: string, path: string, os: string): string {
  const base = parent === "" ? "/" : withoutDrive(slashes(parent, os), os);
  const from = base.startsWith("/") ? base : posix.join("/", base);
  const to = path === "" ? from : withoutDrive(slashes(path, os), os);
  return to.startsWith("/") ? to : clean(posix.join(from, to));
}

function clean(path: string): string {
  const normal = posix.join("/", path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

const slashes = (path: string, os: string): string => (os === "windows" ? path.replaceAll("\\", "/") : path);

function withoutDrive(path: string, os: string): string {
  if (os !== "windows") return path;
  if (path.startsWith("//")) throw new ProblemError("dockerfile-semantics", { message: `"${path}" is a network path`, hint: "name a folder on drive C:" });
  const colon = path.indexOf(":");
  if (colon === -1) return posix.normalize(path);
  if (path.slice(0, colon).toLowerCase() !== "c" || path.length === 2) {
    throw new ProblemError("dockerfile-semantics", { message: `"${path}" is not a path on drive C:`, hint: "leave the drive out" });
  }
  return posix.normalize(path.slice(colon + 1));
}
