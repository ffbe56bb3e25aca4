import type { ByteStream } from "../../image/blob-store.ts";

/** Reads a body of which we want at most so much; what lies beyond is left, and `cut` says so. */
export async function readUpTo(
  source: { readonly body: ByteStream; discard(): Promise<void> },
  limitBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly cut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source.body) {
    size += chunk.byteLength;
    chunks.push(chunk);
    if (size > limitBytes) break;
  }
  await source.discard();
  const bytes = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
  return size > limitBytes ? { bytes: bytes.subarray(0, limitBytes), cut: true } : { bytes, cut: false };
}
