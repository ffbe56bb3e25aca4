import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** Unpacks zstd by the system's program, because the oldest Node we support cannot. */
export function zstdStream(source: Readable): Readable {
  const child = spawn("zstd", ["-dc"], { stdio: ["pipe", "pipe", "inherit"] });
  source.pipe(child.stdin);
  return child.stdout;
}
