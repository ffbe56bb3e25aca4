import { isProblem, ProblemError } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { LayerEntry } from "../../image/entry.ts";
import type { ContentSink } from "../../image/layer.ts";
import { tarParser } from "../../image/tar/reader.ts";
import { decompress } from "../../image/unpack.ts";
import { type Content, type ContentArchive, openContent } from "./content.ts";
import { changedAt } from "./step-cache.ts";

/** What ADD found in an archive. */
export interface OpenedArchive {
  /** In the archive's order. */
  readonly entries: readonly (LayerEntry & { readonly offset: number })[];
  readonly archive: ContentArchive;
}

const BLOCK = 512;
/**
 * Opens a file that ADD would unpack: a tar archive, plain or compressed.
 * @param name  as the user named it, for messages
 * @returns undefined when it is no archive: ADD then copies it as it is
 * @throws {ProblemError} `layer-unsupported` for what of a compression cannot be read here | `layer-invalid` | `limit-exceeded`
 */
export async function openArchive(content: Content, name: string, signal: AbortSignal): Promise<OpenedArchive | undefined> {
  if (content.kind === "member") {
    throw new ProblemError("feature-unsupported", {
      message: `ADD cannot unpack "${name}", which lies inside an archive itself`,
      hint: "COPY it and unpack it in a later build, or unpack it before the build",
    });
  }
  const stream = (): ByteStream => decompress(openContent(content));
  if (!(await startsAsTar(stream))) return undefined;
  const entries: (LayerEntry & { offset: number })[] = [];
  const parser = tarParser({
    entry: (entry, offset) => {
      entries.push({ ...entry, offset });
      return undefined;
    },
  });
  for await (const chunk of stream()) {
    signal.throwIfAborted();
    parser.write(chunk);
  }
  parser.end();
  return {
    entries,
    archive: {
      ...stampOf(content),
      read: (wanted, sink) => readMembers(stream(), wanted, sink, signal),
    },
  };
}

function stampOf(content: Content): Pick<ContentArchive, "stamp" | "changedMs"> {
  if (content.kind === "fetched") return { stamp: content.file.digest };
  if (content.kind !== "context" || content.entry.stamp === undefined) return {};
  return { stamp: content.entry.stamp, changedMs: changedAt(content.entry) };
}

async function readMembers(
  stream: ByteStream,
  wanted: ReadonlySet<string>,
  sink: (entry: { readonly path: string; readonly offset: number }) => ContentSink | undefined,
  signal: AbortSignal,
): Promise<void> {
  let waiting: Promise<void>[] = [];
  const wait = (promise: Promise<void> | undefined): void => {
    if (promise !== undefined) waiting.push(promise);
  };
  const parser = tarParser({
    entry(entry, offset) {
      if (entry.type !== "file" || !wanted.has(entry.path)) return undefined;
      const taker = sink({ path: entry.path, offset });
      if (taker === undefined) return undefined;
      let left = entry.size;
      if (left === 0) wait(taker.end());
      return (chunk) => {
        left -= chunk.byteLength;
        wait(taker.write(chunk));
        if (left === 0) wait(taker.end());
      };
    },
  });
  for await (const chunk of stream) {
    signal.throwIfAborted();
    parser.write(chunk);
    if (waiting.length > 0) await Promise.all(waiting);
    waiting = [];
  }
  parser.end();
  await Promise.all(waiting);
}

async function startsAsTar(open: () => ByteStream): Promise<boolean> {
  try {
    const block = await firstBytes(open(), BLOCK);
    return block.byteLength === BLOCK && block[0] !== 0 && headerSum(block) === Number.parseInt(block.toString("latin1", 148, 156), 8);
  } catch (error) {
    if (isProblem(error, "layer-unsupported") || isProblem(error, "limit-exceeded")) throw error;
    // A file that only looks compressed is copied as it is, as BuildKit does.
    return false;
  }
}

/** Sum of a tar header's bytes, its own field taken for blanks. */
function headerSum(block: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (block[i] as number);
  return sum;
}

async function firstBytes(stream: ByteStream, count: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Uint8Array.from(chunk.subarray(0, count - size)));
    size += chunk.byteLength;
    if (size >= count) break;
  }
  return Buffer.concat(chunks).subarray(0, count);
}
