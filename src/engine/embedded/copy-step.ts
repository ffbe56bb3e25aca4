import { nearest } from "../../core/nearest.ts";
import { ProblemError } from "../../core/problem.ts";
import { hasWildcard } from "../../dockerfile/go-match.ts";
import { ignoreMatcher } from "../../dockerfile/ignore.ts";
import type { CopySource, CopyVertex, FileSystem, VertexId, WorkdirVertex } from "../../plan/graph.ts";
import type { FetchedFile } from "../remote.ts";
import type { OpenedArchive } from "./add-archive.ts";
import type { Content } from "./content.ts";
import { CopyTarget, type MadeEntry } from "./copy-target.ts";
import { type CopyRules, copyTree, SourceMissing } from "./copy-tree.ts";
import { type FileNode, type FileView, joinPath, NO_FILES, singleFile } from "./file-view.ts";
import { followPath } from "./follow-path.ts";
import { resolveOwner } from "./owner.ts";
import { parseModeChange } from "./symbolic-mode.ts";
import { unpackInto } from "./unpack-into.ts";
import { resolveWildcards } from "./wildcards.ts";

/** Where a copy finds its sources. */
export interface StepSources {
  /** Files of a context, a stage or an image, and how to name them in a message. */
  files(from: VertexId | FileSystem): Promise<{ readonly view: FileView; readonly name: string }>;
  /** What an http or git vertex brought. */
  remote(id: VertexId): Promise<{ readonly file: FetchedFile } | { readonly view: FileView }>;
  /** A file that ADD would unpack, opened once; undefined when it is no archive. */
  archive(content: Content, name: string): Promise<OpenedArchive | undefined>;
}

type Rules = Omit<CopyRules, "contentsOnly" | "followLinks" | "include">;

/** The files below a step; undefined upon scratch, where there is not even an empty folder. */
export type Below = (() => Promise<FileView>) | undefined;

/**
 * What WORKDIR makes: the folders that are missing.
 * @param warn  told what was assumed for an owner who is not known
 * @throws {ProblemError} `copy-conflict` | `user-unknown`
 */
export async function workdirEntries(vertex: WorkdirVertex, below: Below, warn: (message: string) => void): Promise<MadeEntry[]> {
  const target = new CopyTarget((await below?.()) ?? NO_FILES);
  const owner = (await ownerOf(vertex, below, warn)) ?? { uid: 0, gid: 0 };
  target.makeFolders(target.resolve(vertex.path), { mode: 0o755, ...owner });
  return target.entries();
}

/**
 * What COPY or ADD puts into its layer. Reads no content but passwd, group and the archives that ADD unpacks.
 * @param below  the files that it copies onto; not asked for with --link
 * @param warn   told what was assumed for an owner who is not known
 * @throws {ProblemError} `source-missing` | `copy-conflict` | `user-unknown` | `layer-unsupported` | `layer-invalid`
 * @see moby/buildkit solver/llbsolver/file/backend.go docopy and frontend/dockerfile/dockerfile2llb/convert_copy.go, read 2026-11-22
 */
export async function copyEntries(
  vertex: CopyVertex,
  below: Below,
  sources: StepSources,
  signal: AbortSignal,
  warn: (message: string) => void,
): Promise<MadeEntry[]> {
  const lookedAt = vertex.link ? undefined : below;
  const target = new CopyTarget((await lookedAt?.()) ?? NO_FILES);
  const mode = vertex.chmod === undefined ? undefined : parseModeChange(vertex.chmod);
  if (vertex.chmod !== undefined && mode === undefined) throw new Error(`the plan let the mode ${vertex.chmod} through`);
  const rules: Rules = {
    owner: await ownerOf(vertex, lookedAt, warn),
    mode,
    // Only an octal mode is given to new folders above the destination.
    folderMode: vertex.chmod !== undefined && mode !== undefined && /^[0-7]+$/.test(vertex.chmod) ? mode(0, true) & 0o777 : 0o755,
    exclude: vertex.exclude.length === 0 ? undefined : ignoreMatcher(vertex.exclude),
  };
  for (const source of vertex.sources) {
    signal.throwIfAborted();
    await copySource(source, vertex, target, rules, sources, signal);
  }
  return target.entries();
}

async function ownerOf(vertex: CopyVertex | WorkdirVertex, below: Below, warn: (message: string) => void): Promise<Rules["owner"]> {
  if (vertex.owner === undefined) return undefined;
  const { uid, gid, assumed } = await resolveOwner(vertex.owner, below);
  for (const what of assumed) warn(`${what}: the owner will be ${uid}:${gid}`);
  return { uid, gid };
}

async function copySource(source: CopySource, vertex: CopyVertex, target: CopyTarget, rules: Rules, sources: StepSources, signal: AbortSignal): Promise<void> {
  const { destination } = vertex;
  const whole = { ...rules, contentsOnly: false, followLinks: false };
  if ("inline" in source) {
    const bytes = Buffer.from(source.inline, "utf8");
    const view = singleFile(source.name, fileNode(0o644, undefined, bytes.byteLength, { kind: "bytes", bytes }));
    copyTree(view, source.name, target, destination, whole);
  } else if ("remote" in source) {
    const brought = await sources.remote(source.remote);
    if ("view" in brought) return copyTree(brought.view, "", target, destination, whole);
    const { file } = brought;
    const view = singleFile(source.name, fileNode(0o600, file.mtime ?? 0, file.size, { kind: "fetched", file }));
    if (source.unpack && (await unpack(view, source.name, target, destination, rules, sources))) return;
    copyTree(view, source.name, target, destination, whole);
  } else {
    const { view, name } = await sources.files(source.from);
    for (const path of source.paths) {
      signal.throwIfAborted();
      await copyPath(path, { view, name, unpack: source.unpack }, vertex, target, rules, sources);
    }
  }
}

async function copyPath(
  path: string,
  from: { readonly view: FileView; readonly name: string; readonly unpack: boolean },
  vertex: CopyVertex,
  target: CopyTarget,
  rules: Rules,
  sources: StepSources,
): Promise<void> {
  const { view } = from;
  const pivot = vertex.parents ? path.indexOf("/./") : -1;
  const source = pivot === -1 ? path : path.slice(0, pivot);
  const pattern = pivot === -1 ? undefined : path.slice(pivot + 3);
  const matches = resolveWildcards(view, source);
  if (matches === undefined) throw missing(source, from);
  const included = new Set<string>();
  const include = pattern === undefined || pattern === "" ? undefined : ignoreMatcher([pattern]);
  for (const match of matches) {
    if (from.unpack && (await unpack(view, match, target, vertex.destination, rules, sources))) continue;
    const tell = (inside: string): boolean => {
      const wanted = include?.ignored(inside) === true;
      if (wanted) included.add(inside);
      return wanted;
    };
    try {
      copyTree(view, match, target, vertex.destination, { ...rules, contentsOnly: true, followLinks: true, include: include === undefined ? undefined : tell });
    } catch (error) {
      if (error instanceof SourceMissing) throw missing(match, from);
      throw error;
    }
  }
  if (include !== undefined && included.size === 0 && !hasWildcard(path)) throw missing(joinPath(source, pattern as string), from);
}

/** @returns false when it is no archive, and is to be copied as it is */
async function unpack(view: FileView, path: string, target: CopyTarget, destination: string, rules: Rules, sources: StepSources): Promise<boolean> {
  const node = view.get(followPath(view, path, { followLast: true }));
  if (node?.type !== "file" || node.content === undefined) return false;
  const opened = await sources.archive(node.content, path);
  if (opened === undefined) return false;
  unpackInto(target, destination, opened, rules.owner);
  return true;
}

function fileNode(mode: number, mtime: number | undefined, size: number, content: NonNullable<FileNode["content"]>): FileNode {
  return { type: "file", mode, uid: 0, gid: 0, mtime, size, content };
}

/** Tells which part of the path is not there, and what is there that reads like it. */
function missing(path: string, from: { readonly view: FileView; readonly name: string }): ProblemError {
  const parts = path.split("/").filter((part) => part !== "");
  let folder = "";
  let lost = "";
  for (const part of parts) {
    const next = followPath(from.view, joinPath(folder, part), { followLast: true });
    if (from.view.get(next) === undefined) {
      lost = part;
      break;
    }
    folder = next;
  }
  const link = from.view.get(joinPath(folder, lost));
  const suggestion = nearest(lost, from.view.children(folder));
  const where = folder === "" ? from.name : `folder "${folder}" of ${from.name}`;
  return new ProblemError("source-missing", {
    message: `"${parts.join("/")}" does not exist in ${from.name}`,
    hint:
      link?.type === "symlink"
        ? `"${joinPath(folder, lost)}" is a symlink to "${link.link}", which leads nowhere there`
        : suggestion === undefined
          ? `${where} has ${listed(from.view.children(folder))}; a .dockerignore may leave files out`
          : `did you mean "${joinPath(folder, suggestion)}"?`,
    facts: { path: parts.join("/"), in: from.name },
  });
}

const MOST_NAMES = 8;
function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing in it";
  const shown = names.slice(0, MOST_NAMES).map((name) => `"${name}"`);
  return names.length > MOST_NAMES ? `${shown.join(", ")} and ${names.length - MOST_NAMES} more` : shown.join(", ");
}
