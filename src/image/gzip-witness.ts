import { digestOf } from "../core/digest.ts";
import { compressBlock, GZIP_DEFAULT_LEVEL } from "./gzip.ts";

/**
 * What the sample becomes at each level (the place in the list): 16 digits of its sha256. Node carries its own zlib, and gave these bytes wherever it was tried on
 * 2026-11-22 (other CPUs under QEMU): 20.19.0, 20.20.2, 22.23.3, 24.21.0, 26.10.0 on amd64, 20.20.2 also without SSE4.2, PCLMUL and AVX; 20.20.2, 22.23.3, 24.22.0,
 * 26.12.0 on arm64; 20.11.0 on arm/v7 and ppc64le. Other bytes: 20.11.0 on s390x at levels 1 to 5 (its byte order is another), and plain zlib 1.2.13 at every
 * level, which Node is given where it is built with the system's zlib.
 */
const KNOWN: readonly string[] = [
  "fd3b4c07cc254dbd",
  "f2f6d7bb42fe01ed",
  "f7a4e59abcaa6a42",
  "e9a594e8e9c5b7f6",
  "b6a253d316e71201",
  "cf61e692cb9c8fd4",
  "5cfc21fa55e1b4e0",
  "34599a38e788cef4",
  "34599a38e788cef4",
  "34599a38e788cef4",
];

const SAMPLE_BYTES = 128 * 1024;

/**
 * Whether this Node compresses layers to the bytes that the Nodes which were tried give; where it does not, digests of what it compressed hold on this machine
 * only, and our own deflate has to do it. A sample shows differences, it proves no sameness: this one is long and repetitive, where zlibs differ.
 * @param level  gzip 0–9; absent: {@link GZIP_DEFAULT_LEVEL}
 */
export async function compressesAsElsewhere(level = GZIP_DEFAULT_LEVEL, compress = compressBlock): Promise<boolean> {
  return digestOf(await compress(sample(), level)).startsWith(`sha256:${KNOWN[level]}`);
}

/** Always the same bytes: words of a small language, some used often, with a stretch of noise in between. */
function sample(): Buffer {
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
  const words = Array.from({ length: 512 }, () => String.fromCharCode(...Array.from({ length: 2 + next(9) }, () => 97 + next(next(3) === 0 ? 26 : 4))));
  const bytes = Buffer.alloc(SAMPLE_BYTES);
  for (let at = 0; at < SAMPLE_BYTES; ) {
    const noise = next(40) === 0;
    const word = noise ? Buffer.from(Array.from({ length: 24 }, () => next(256))) : Buffer.from(`${words[next(next(512) + 1)]} `);
    at += word.copy(bytes, at);
  }
  return bytes;
}
