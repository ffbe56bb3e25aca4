import { statSync } from "node:fs";

/** Changes whenever a file's content does, short of what sets its time back on purpose. Not its inode's time: a hard link would change that. @throws the file system's error */
export function stampOf(path: string): string {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs].join("-");
}
