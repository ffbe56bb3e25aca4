import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/** A file before and after, as `git apply` and `patch -p1` take it; empty when it is the same. Line ends are the file's own. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3, headerOptions: FILE_HEADERS_ONLY });
}
