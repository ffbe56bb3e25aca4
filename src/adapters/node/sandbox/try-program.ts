import { spawnSync } from "node:child_process";
import type { TryReport } from "./protocol.ts";

/** A probe takes milliseconds, also under an emulator; one that hangs must not hold a build up. */
const TRY_MS = 20_000;
/** As much of a complaint as is looked at. */
const COMPLAINT_BYTES = 64 * 1024;

/**
 * Starts a static program with `folder` as its root (by the machine's `chroot`), so that an emulator which is only found outside is not mistaken for one that a
 * stage's programs find. Runs in the warden; needs its right to change the root.
 * @param folder  path from the working directory
 * @param name  of the program in `folder`
 * @returns `ENOENT` as well as `ENOEXEC` where it cannot be executed: glibc's `execvp` tries a shell then, which is not there
 */
export const tryProgram = (folder: string, name: string): TryReport => tryCommand("chroot", [folder, `/${name}`]);

/** Starts a static program as it is, where this process stands. */
export const tryHere = (path: string): TryReport => tryCommand(path, []);

function tryCommand(command: string, parameters: readonly string[]): TryReport {
  const { error, status, signal, stderr } = spawnSync(command, parameters, {
    // An ordinary user's PATH often lacks the folder of chroot.
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: TRY_MS,
    killSignal: "SIGKILL",
    maxBuffer: COMPLAINT_BYTES,
    encoding: "utf8",
  });
  if (signal !== null) return { code: signal };
  if (error !== undefined) return { code: (error as NodeJS.ErrnoException).code ?? error.message };
  if (status === null || (status >= 125 && status <= 127)) return { code: codeOf(stderr) };
  return { exitCode: status };
}

/** What `chroot` says, of coreutils as of busybox: the C library's words. */
function codeOf(complaint: string): string {
  const words: readonly (readonly [RegExp, string])[] = [
    [/exec format error/i, "ENOEXEC"],
    [/no such file/i, "ENOENT"],
    [/permission denied/i, "EACCES"],
    [/operation not permitted/i, "EPERM"],
  ];
  return words.find(([pattern]) => pattern.test(complaint))?.[1] ?? (complaint.trim().split("\n")[0] || "unknown");
}
