import type { ByteStream } from "../../image/blob-store.ts";
import type { ContentSink } from "../../image/layer.ts";
import type { BuildContext, ContextEntry } from "../context.ts";
import type { FetchedFile } from "../remote.ts";

/** Where the bytes of a file are. */
export type Content =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "context"; readonly context: BuildContext; readonly entry: ContextEntry }
  /** What came over http. */
  | { readonly kind: "fetched"; readonly file: FetchedFile }
  /** A file inside an archive, which can only be read from its start: many are taken in one pass. */
  | { readonly kind: "member"; readonly archive: ContentArchive; readonly path: string; readonly offset: number };

/** An archive that files are taken from: a layer of a base, or what ADD unpacks. */
export interface ContentArchive {
  /** Same for the same bytes, for as long as the store lives; absent where only reading would tell. */
  readonly stamp?: string;
  /** When it changed last, where it can change: milliseconds since 1970. */
  readonly changedMs?: number;
  /** Streams the archive once and hands over the contents of the files at `wanted`. */
  read(wanted: ReadonlySet<string>, sink: (entry: { readonly path: string; readonly offset: number }) => ContentSink | undefined): Promise<void>;
}

/** True when both are surely the same bytes; false proves nothing. */
export function sameContent(a: Content | undefined, b: Content | undefined): boolean {
  if (a === b) return true;
  if (a?.kind === "context" && b?.kind === "context") return a.entry === b.entry;
  if (a?.kind === "bytes" && b?.kind === "bytes") return Buffer.compare(a.bytes, b.bytes) === 0;
  return a?.kind === "member" && b?.kind === "member" && a.archive === b.archive && a.offset === b.offset;
}

/** The bytes of a content that needs no pass over an archive. */
export function openContent(content: Exclude<Content, { kind: "member" }>): ByteStream {
  switch (content.kind) {
    case "bytes":
      return once(content.bytes);
    case "context":
      return content.context.open(content.entry);
    case "fetched":
      return content.file.open();
  }
}

async function* once(bytes: Uint8Array): ByteStream {
  yield bytes;
}

/**
 * A small file whole; undefined when it is larger than `limit`.
 * @throws {ProblemError} from the source
 */
export async function readSmall(content: Content, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const take = (chunk: Uint8Array): undefined => {
    size += chunk.byteLength;
    if (size <= limit) chunks.push(Uint8Array.from(chunk));
  };
  if (content.kind === "member") {
    await content.archive.read(new Set([content.path]), (entry) => (entry.offset === content.offset ? { write: take, end: () => undefined } : undefined));
  } else {
    for await (const chunk of openContent(content)) {
      take(chunk);
      if (size > limit) break;
    }
  }
  return size > limit ? undefined : Buffer.concat(chunks);
}
