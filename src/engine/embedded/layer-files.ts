import { setImmediate } from "node:timers/promises";
import { ProblemError } from "../../core/problem.ts";
import type { LayerEntry } from "../../image/entry.ts";
import { type Content, type ContentArchive, openContent } from "./content.ts";
import type { MadeEntry } from "./copy-target.ts";
import { baseOf, type FileNode, joinPath, parentOf } from "./file-view.ts";

/** An entry of a layer to be written, and where its content is. */
export interface LayerFile {
  readonly entry: LayerEntry;
  /** Of files. */
  readonly content?: Content | undefined;
}

/** Gets the entries of a layer one after another. A promise holds everything up. */
export interface LayerVisitor {
  /** A new entry; its content follows when it is a file. */
  entry(entry: LayerEntry): Promise<void> | undefined;
  content(chunk: Uint8Array): Promise<void> | undefined;
  /** The content of `entry`, a file, is complete. */
  end(entry: LayerEntry): Promise<void> | undefined;
}

/** Files up to this size are read in one go where the context can: a stream costs more than they do. */
const SMALL_FILE_BYTES = 128 * 1024;
/** Small files between two turns of the event loop. */
const FILES_A_TURN = 64;

/**
 * What a step made, as entries of a layer.
 * @param created  seconds: the time of what the step itself made
 * @param epoch    seconds: no time is later
 */
export function layerFiles(made: readonly MadeEntry[], created: number, epoch: number | undefined): LayerFile[] {
  const time = (seconds: number | undefined): number => Math.min(Math.floor(seconds ?? created), epoch ?? Number.POSITIVE_INFINITY);
  const whiteout = (path: string): LayerFile => ({ entry: { path, type: "file", mode: 0, uid: 0, gid: 0, mtime: time(created), size: 0 } });
  const files: LayerFile[] = [];
  for (const { path, node, hardLinkTo, opaque } of made) {
    if (node === undefined) {
      files.push(whiteout(joinPath(parentOf(path), `.wh.${baseOf(path)}`)));
      continue;
    }
    const { mode, uid, gid, link, device, xattrs } = node;
    const type = hardLinkTo === undefined ? node.type : "hardlink";
    const plain: LayerEntry = { path, type, mode, uid, gid, mtime: time(node.mtime), size: type === "file" ? node.size : 0 };
    // A step has thousands of entries, of which few have more to tell.
    const isPlain = link === undefined && device === undefined && xattrs === undefined && hardLinkTo === undefined;
    files.push({ entry: isPlain ? plain : { ...plain, ...rare(node, hardLinkTo) }, content: hardLinkTo === undefined ? node.content : undefined });
    if (opaque === true && hardLinkTo === undefined) files.push(whiteout(joinPath(path, ".wh..wh..opq")));
  }
  return files;
}

function rare({ link, device, xattrs }: FileNode, hardLinkTo: string | undefined): Partial<LayerEntry> {
  if (hardLinkTo !== undefined) return { link: hardLinkTo, ...(xattrs === undefined ? {} : { xattrs }) };
  return { ...(link === undefined ? {} : { link }), ...(device === undefined ? {} : { device }), ...(xattrs === undefined ? {} : { xattrs }) };
}

/**
 * Goes through a layer's entries and contents: first what can be read by itself, in the order given; then the members of each archive, in one pass over it;
 * last the hard links, so that what they link to is there. The order depends on nothing but `files`.
 * @throws {ProblemError} `context-changed` when a file is not as long as its entry says | what the sources throw
 */
export async function visitLayer(files: readonly LayerFile[], visitor: LayerVisitor, signal: AbortSignal): Promise<void> {
  const archives = new Map<ContentArchive, LayerFile[]>();
  const links: LayerFile[] = [];
  let visited = 0;
  for (const file of files) {
    signal.throwIfAborted();
    const { entry, content } = file;
    if (entry.type === "hardlink") links.push(file);
    else if (content?.kind === "member") {
      const members = archives.get(content.archive) ?? [];
      members.push(file);
      archives.set(content.archive, members);
    } else {
      await visitor.entry(entry);
      if (entry.type === "file") await visitContent(entry, content, visitor, signal);
      if (++visited % FILES_A_TURN === 0) await setImmediate();
    }
  }
  for (const [archive, members] of archives) await visitMembers(archive, members, visitor, signal);
  for (const { entry } of links) await visitor.entry(entry);
}

async function visitContent(
  entry: LayerEntry,
  content: Exclude<Content, { kind: "member" }> | undefined,
  visitor: LayerVisitor,
  signal: AbortSignal,
): Promise<void> {
  let size = 0;
  if (content?.kind === "context" && entry.size <= SMALL_FILE_BYTES && content.context.readSync !== undefined) {
    const bytes = content.context.readSync(content.entry);
    size = bytes.byteLength;
    if (size === entry.size) await visitor.content(bytes);
  } else if (content !== undefined) {
    for await (const chunk of openContent(content)) {
      signal.throwIfAborted();
      size += chunk.byteLength;
      if (size > entry.size) break;
      await visitor.content(chunk);
    }
  }
  if (size !== entry.size) {
    throw new ProblemError("context-changed", {
      message: `"${entry.path}" has ${size < entry.size ? size : `more than ${entry.size}`} bytes, it had ${entry.size} when the build began`,
      hint: "do not change the context while it is built",
      facts: { path: entry.path, wanted: entry.size },
    });
  }
  await visitor.end(entry);
}

/** A file that stands at several paths of the layer takes a pass for each. */
async function visitMembers(archive: ContentArchive, members: readonly LayerFile[], visitor: LayerVisitor, signal: AbortSignal): Promise<void> {
  let left = members;
  while (left.length > 0) {
    const byOffset = new Map<number, LayerFile>();
    for (const file of left) if (file.content?.kind === "member" && !byOffset.has(file.content.offset)) byOffset.set(file.content.offset, file);
    const paths = new Set([...byOffset.values()].map(({ content }) => (content as Extract<Content, { kind: "member" }>).path));
    const taken = new Set<LayerFile>();
    const queue = inTurn();
    await archive.read(paths, (member) => {
      signal.throwIfAborted();
      const file = byOffset.get(member.offset);
      if (file === undefined) return undefined;
      taken.add(file);
      void queue(() => visitor.entry(file.entry));
      return {
        write: (chunk) => queue(() => visitor.content(chunk)),
        end: () => queue(() => visitor.end(file.entry)),
      };
    });
    await queue(() => undefined);
    if (taken.size !== byOffset.size) {
      const lost = [...byOffset.values()].find((file) => !taken.has(file));
      throw new ProblemError("layer-invalid", { message: `"${lost?.entry.path}" is not in the archive a second time it is read` });
    }
    left = left.filter((file) => !taken.has(file));
  }
}

/** Runs acts one after another, at once where none is under way: a visitor never hears two things at the same time. */
function inTurn(): (act: () => Promise<void> | undefined) => Promise<void> | undefined {
  let last: Promise<void> | undefined;
  return (act) => {
    const run = last === undefined ? act() : last.then(act);
    if (run === undefined) return undefined;
    const current = run.then(() => {
      if (last === current) last = undefined;
    });
    // Whoever waits hears of it; `last` itself must not count as unhandled.
    current.catch(() => {});
    last = current;
    return current;
  };
}
