import { randomBytes } from "node:crypto";
import { closeSync, fchmodSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import { unwritable } from "./output/unwritable.ts";

/** Another text for a file, as {@link exactText} gives texts. */
export interface TextChange {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const MARK = "\ufeff";

/**
 * A file's text to the last byte, with its byte-order mark.
 * @throws {ProblemError} `file-unwritable` when it is no UTF-8 (what cannot be read cannot be kept), or lies outside of the repository
 */
export function exactText(root: string, path: string): string {
  return textOf(realPath(root, path), path);
}

/** Texts without their byte-order mark, as readers see them, as changes of the whole text. */
export function withMark(exact: string, path: string, after: string): TextChange {
  return { path, before: exact, after: exact.startsWith(MARK) && !after.startsWith(MARK) ? MARK + after : after };
}

/**
 * Puts new texts in place of files, each whole or not at all, and none before all of them have been written beside their places. Modes stay; of a link, the
 * file that it leads to is replaced.
 * @throws {ProblemError} `file-unwritable` also when a file is not what it was any more; `disk-full`
 */
export function replaceTexts(root: string, changes: readonly TextChange[]): void {
  const drafts: { readonly path: string; readonly target: string; readonly draft: string }[] = [];
  try {
    for (const change of changes) {
      const target = realPath(root, change.path);
      const draft = join(dirname(target), `.${randomBytes(6).toString("hex")}.tmp`);
      drafts.push({ path: change.path, target, draft });
      if (textOf(target, change.path) !== change.before) throw changedMeanwhile(change.path);
      guarded(change.path, () => writeDraft(draft, change.after, statSync(target).mode));
    }
    for (const { path, target, draft } of drafts) guarded(path, () => renameSync(draft, target));
  } finally {
    for (const { draft } of drafts) rmSync(draft, { force: true });
  }
}

function writeDraft(draft: string, text: string, mode: number): void {
  const bytes = Buffer.from(text, "utf8");
  const fd = openSync(draft, "wx", 0o600);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at);
    fchmodSync(fd, mode & 0o7777);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function realPath(root: string, path: string): string {
  const [folder, target] = guarded(path, () => [realpathSync(root), realpathSync(join(root, path))] as const);
  if (target.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return target;
  throw new ProblemError("file-unwritable", { message: `"${path}" leads out of the repository`, hint: "mend the file where it lies" });
}

function textOf(target: string, path: string): string {
  const bytes = guarded(path, () => readFileSync(target));
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text;
  throw new ProblemError("file-unwritable", { message: `"${path}" is not written in UTF-8, so that it cannot be edited`, hint: "save it as UTF-8" });
}

const changedMeanwhile = (path: string): ProblemError =>
  new ProblemError("file-unwritable", { message: `"${path}" was changed by someone else meanwhile`, hint: "run it again" });

function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw unwritable(path, error);
  }
}
