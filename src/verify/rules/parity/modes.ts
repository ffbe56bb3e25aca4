import type { FileNode } from "./path-table.ts";

/** Everybody may write to it. Symlinks have no mode of their own. */
export const isWorldWritable = (node: FileNode | undefined): boolean =>
  (node?.type === "file" || node?.type === "directory") && node.source !== undefined && (node.mode & 0o002) !== 0;

/** `0644`. */
export const shownMode = (mode: number): string => mode.toString(8).padStart(4, "0");
