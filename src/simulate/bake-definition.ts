import { posix } from "node:path";
import type { BakeFile, BakeParts, BakeRequest, BakeResolution } from "../bake/bake-file.ts";
import { readBakeFile } from "../bake/read.ts";
import { resolveBake } from "../bake/resolve.ts";
import type { SourceFile } from "../core/span.ts";
import type { Readers } from "./readers.ts";
import { shownText, type Text, type Texts, textOf } from "./text.ts";
import { workspacePath } from "./workspace-path.ts";

/** Bake or compose files as far as the repository has them. */
export interface Definition {
  readonly files: readonly BakeFile[];
  /** Paths of the workspace. */
  readonly paths: readonly string[];
  /** Files of docker/metadata-action: tags, labels and annotations come from there. */
  readonly described: boolean;
}

const read = new WeakMap<SourceFile, BakeFile>();

/** The files that are named, or those of the default names that are there; undefined when one of them cannot be known. */
export function definitionOf(named: Texts, defaults: readonly string[], directory: string | undefined, { files }: Readers): Definition | undefined {
  if (named.open || (directory === undefined && named.items.length === 0)) return undefined;
  const found: BakeFile[] = [];
  const paths: string[] = [];
  let described = false;
  const take = (path: string): boolean => {
    const file = files.read(path);
    if (file.kind !== "text") return false;
    let bake = read.get(file.file);
    if (bake === undefined) {
      bake = readBakeFile(file.file);
      read.set(file.file, bake);
    }
    found.push(bake);
    paths.push(path);
    return true;
  };
  for (const item of named.items) {
    if (isOfMetadata(item)) described = true;
    else {
      const [first, ...rest] = item.parts;
      const local = typeof first === "string" && first.startsWith("cwd://") ? { ...item, parts: [first.slice("cwd://".length), ...rest] } : item;
      const path = textOf(workspacePath(local, directory));
      if (path === undefined || !take(path)) return undefined;
    }
  }
  if (named.items.length === 0) for (const name of defaults) take(posix.join(directory ?? "", name));
  return found.length === 0 ? undefined : { files: found, paths, described };
}

/** `${{ steps.meta.outputs.bake-file }}`, as docker/metadata-action makes it. */
const isOfMetadata = ({ parts }: Text): boolean => {
  const hole = parts.find((part) => typeof part === "object");
  return hole !== undefined && /\.outputs\.bake-file/.test(hole.source);
};

/** What has been resolved, by the first file: scenarios ask for the same again and again. */
const resolved = new WeakMap<SourceFile, Map<string, BakeResolution>>();
/** More than a workflow has scenarios and rows. */
const MOST_KEPT = 500;

/** Of the variables, only those that the files name count. */
export function resolutionOf(
  { files, paths }: Definition,
  targets: readonly string[],
  set: readonly Text[],
  variables: ReadonlyMap<string, Text>,
): BakeResolution {
  const [first] = files as readonly [BakeFile, ...BakeFile[]];
  const used = new Map<string, string | BakeParts>();
  for (const [name, text] of variables) if (files.some(({ file }) => file.text.includes(name))) used.set(name, textOf(text) ?? text.parts);
  const request: BakeRequest = { targets, set, variables: used };
  let kept = resolved.get(first.file);
  if (kept === undefined || kept.size >= MOST_KEPT) {
    kept = new Map();
    resolved.set(first.file, kept);
  }
  const key = JSON.stringify([paths, targets, set.map((one) => [shownText(one), one.place.file.name, one.place.span.start]), [...used]]);
  let resolution = kept.get(key);
  if (resolution === undefined) {
    resolution = resolveBake(files, request);
    kept.set(key, resolution);
  }
  return resolution;
}
