import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";

const by =
  (program: string) =>
  (bytes: Buffer): Buffer =>
    execFileSync(program, ["-c"], { input: bytes, maxBuffer: 1 << 30, stdio: ["pipe", "pipe", "ignore"] });

export const gzip = (bytes: Buffer): Buffer => gzipSync(bytes);
export const xz = by("xz");
export const zstd = by("zstd");
export const bzip2 = by("bzip2");
