import { dirname } from "node:path/posix";
import { ProblemError } from "../../core/problem.ts";
import type { HostFiles } from "../ports.ts";

export interface DaemonJsonPorts {
  readonly files: HostFiles;
  /** Whether a file has been marked as one that nobody is to write, which root could do none the less. */
  isReadOnly(path: string): boolean;
}

/**
 * The text of a `daemon.json` that may be replaced; undefined when there is none and one may be made.
 * @throws {ProblemError} `daemon-config-invalid` for a link, a folder, and what may not be read or replaced
 */
export function readDaemonJson(ports: DaemonJsonPorts, path: string): string | undefined {
  const { files } = ports;
  const answer = files.read(path, false);
  if (answer.kind === "symlink")
    throw refusal(path, `it is a link to "${answer.linkTo}"`, `add --daemon-config "${answer.linkTo}", if that is the file to change`);
  if (answer.kind === "unreadable")
    throw refusal(path, answer.why, /right/.test(answer.why) ? "run it with sudo" : "put a regular file in its place, or name another with --daemon-config");
  const folder = dirname(path);
  // A missing folder is made with the file.
  const place = answer.kind === "absent" && files.read(folder, true).kind === "absent" ? folder : path;
  if (!files.writable(place))
    throw refusal(
      path,
      "you have no right to replace it, or its file system is read-only",
      "run it with sudo, or on a system that is kept by other means change it there",
    );
  if (answer.kind === "absent") return undefined;
  if (ports.isReadOnly(path)) throw refusal(path, "it is read-only", `make it writable: chmod u+w "${path}"`);
  return answer.text;
}

const refusal = (path: string, what: string, hint: string): ProblemError =>
  new ProblemError("daemon-config-invalid", { message: `"${path}" cannot be changed: ${what}`, hint: `${hint}; nothing was changed`, facts: { path } });
