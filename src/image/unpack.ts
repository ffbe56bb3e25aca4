import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { ProblemError } from "../core/problem.ts";
import type { ByteStream } from "./blob-store.ts";

/** What a compressed layer may grow to. */
export interface UnpackLimits {
  /** Most bytes that come out. */
  readonly bytes: number;
  /** Most bytes out for one byte in, once more than {@link RATIO_FREE_BYTES} came out. */
  readonly ratio: number;
}

/** Programs and libraries shrink to a third or a fifth, text to a twentieth; only runs of one byte go above a few hundred. */
export const UNPACK_LIMITS: UnpackLimits = { bytes: 128 * 1024 ** 3, ratio: 250 };

/** Up to here the ratio does not matter: a layer that is mostly an empty database file is honest, and cheap. */
export const RATIO_FREE_BYTES = 256 * 1024 * 1024;

/** Largest zstd window: what `zstd -d` takes without being told otherwise. */
const ZSTD_WINDOW_BYTES = 128 * 1024 * 1024;

/** Measured on 90 MB of program code: 200 ms of CPU, against 250 with 64 KiB in and 256 KiB out, as a socket and Node would have it. */
const CHUNK_BYTES = 512 * 1024;
const GATHERED_BYTES = 256 * 1024;

/**
 * The uncompressed bytes of a layer or archive: gzip (also several members), zstd, bzip2, xz, or as it is; told by the first bytes, never by a media type, because registries
 * hold both kinds under either name.
 * @param told  called with how the content is packed, before any of it comes
 * @throws {ProblemError} `layer-invalid` (damaged, truncated, followed by something else) | `limit-exceeded` | `layer-unsupported` (filters of xz) | what `stream` throws
 */
export function decompress(stream: ByteStream, limits?: Partial<UnpackLimits>, told?: (compression: Compression) => void): ByteStream {
  return unpacked(stream, new Meter({ ...UNPACK_LIMITS, ...limits }), told);
}

/** How content is packed. */
export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

async function* unpacked(stream: ByteStream, meter: Meter, told?: (compression: Compression) => void): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  let open = true;
  async function next(): Promise<Uint8Array | undefined> {
    const { done, value } = await iterator.next();
    if (done === true) {
      open = false;
      return undefined;
    }
    meter.in(value.length);
    return value;
  }
  try {
    let head = Buffer.alloc(0);
    while (head.length < MAGIC_BYTES) {
      const chunk = await next();
      if (chunk === undefined) break;
      head = head.length === 0 && chunk.length >= MAGIC_BYTES ? viewOf(chunk) : Buffer.concat([head, chunk]);
    }
    const source = (async function* () {
      if (head.length > 0) yield head;
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
    })();
    const compression = compressionOf(head);
    told?.(compression);
    // A zstd frame may ask for more memory than it is worth.
    if (compression === "zstd" && head.subarray(0, ZSTD_MAGIC.length).equals(ZSTD_MAGIC)) checkWindow(head);
    const output = DECODERS[compression](source, meter);
    for await (const chunk of output) {
      meter.out(chunk.length);
      yield chunk;
    }
  } finally {
    if (open) await iterator.return?.();
  }
}

type Decoder = (source: AsyncIterable<Uint8Array>, meter: Meter) => AsyncIterable<Uint8Array>;

const MAGIC_BYTES = 6;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const BZIP2_MAGIC = Buffer.from("BZh");
const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);

function compressionOf(head: Buffer): Compression {
  const startsWith = (magic: Buffer): boolean => head.subarray(0, magic.length).equals(magic);
  if (startsWith(GZIP_MAGIC)) return "gzip";
  // Skippable frames may stand first.
  if (startsWith(ZSTD_MAGIC) || (head.length >= 4 && head.readUInt32LE(0) >>> 4 === 0x184d2a5)) return "zstd";
  if (startsWith(BZIP2_MAGIC)) return "bzip2";
  if (startsWith(XZ_MAGIC)) return "xz";
  return "none";
}

const DECODERS: Readonly<Record<Compression, Decoder>> = {
  none: (source) => source,
  gzip: (source, meter) => throughZlib(source, zlib.createGunzip({ chunkSize: CHUNK_BYTES }), "gzip", meter),
  zstd,
  bzip2,
  xz,
};

/** Runs a zlib stream on libuv's pool, beside whoever reads. */
async function* throughZlib(source: AsyncIterable<Uint8Array>, engine: Transform, name: string, meter: Meter): AsyncGenerator<Uint8Array> {
  const feeding = feed(source, engine);
  try {
    yield* engine as AsyncIterable<Uint8Array>;
    await feeding;
  } catch (error) {
    if (error instanceof Error && "errno" in error && /^Z(?:STD)?_/i.test(String((error as { code?: unknown }).code))) throw damaged(name, error);
    throw error;
  } finally {
    engine.destroy();
    await feeding.catch(() => {});
  }
  // zlib takes zeros after the end for padding and says nothing; Go's reader refuses them, and so Docker does.
  const read = (engine as Transform & { readonly bytesWritten: number }).bytesWritten;
  if (read !== meter.inBytes) {
    throw new ProblemError("layer-invalid", {
      message: `${meter.inBytes - read} bytes follow the end of the ${name} content`,
      facts: { trailingBytes: meter.inBytes - read },
    });
  }
}

/** Gathers what comes in small pieces, because each write is a turn through the pool; the next piece is brought while the engine works on one. */
async function feed(source: AsyncIterable<Uint8Array>, engine: Transform): Promise<void> {
  let [filling, spare] = [Buffer.allocUnsafe(GATHERED_BYTES), Buffer.allocUnsafe(GATHERED_BYTES)];
  let filled = 0;
  let working: Promise<boolean> = Promise.resolve(true);
  async function hand(): Promise<boolean> {
    const open = await working;
    if (open) working = takenIn(engine, filling.subarray(0, filled));
    [filling, spare, filled] = [spare, filling, 0];
    return open;
  }
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + GATHERED_BYTES - filled);
        filling.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === GATHERED_BYTES && !(await hand())) return;
      }
    }
    if ((await hand()) && (await working)) engine.end();
  } catch (error) {
    engine.destroy(error as Error);
  }
}

/** Resolves when the engine is through with the bytes, so that they may be reused; false when it was closed instead. */
function takenIn(engine: Transform, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    // A closed engine that was waiting for its reader never calls back.
    const closed = (): void => resolve(false);
    engine.once("close", closed);
    engine.write(chunk, (error) => {
      engine.off("close", closed);
      resolve(error === null || error === undefined);
    });
  });
}

async function* zstd(source: AsyncIterable<Uint8Array>, meter: Meter): AsyncGenerator<Uint8Array> {
  const native = (zlib as unknown as { createZstdDecompress?: (options: object) => Transform }).createZstdDecompress;
  if (native !== undefined) {
    yield* throughZlib(source, native({ chunkSize: CHUNK_BYTES }), "zstd", meter);
    return;
  }
  const { Decompress } = await import("fzstd");
  let ready: Uint8Array[] = [];
  const engine = new Decompress((chunk) => {
    // A chunk of a few bytes may hold blocks that grow a ten-thousandfold: stop before they are gathered.
    meter.expect(ready.reduce((sum, { length }) => sum + length, chunk.length));
    if (chunk.length > 0) ready.push(chunk.slice());
  });
  const run = (bytes: Uint8Array, last: boolean): void => {
    try {
      engine.push(bytes, last);
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw damaged("zstd", error);
    }
  };
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += ZSTD_SLICE_BYTES) {
      run(chunk.subarray(at, at + ZSTD_SLICE_BYTES), false);
      yield* ready;
      ready = [];
    }
  }
  run(new Uint8Array(0), true);
  yield* ready;
}

async function* bzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { bunzip2 } = await import("./bzip2.ts");
  yield* bunzip2(source);
}

async function* xz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { unxz } = await import("./xz.ts");
  yield* unxz(source);
}

const ZSTD_SLICE_BYTES = 16 * 1024;

/** RFC 8878, 3.1.1.1.2: the window descriptor, absent in a frame of one segment. */
function checkWindow(frame: Uint8Array): void {
  const descriptor = frame[4] ?? 0;
  const window = frame[5] ?? 0;
  if ((descriptor & 0x20) !== 0) return;
  const base = 2 ** (10 + (window >> 3));
  const size = base + (base / 8) * (window & 7);
  if (size > ZSTD_WINDOW_BYTES) {
    throw new ProblemError("limit-exceeded", { message: `a zstd frame wants a window of ${size} bytes, at most ${ZSTD_WINDOW_BYTES} are accepted` });
  }
}

const damaged = (name: string, cause: unknown): ProblemError =>
  new ProblemError("layer-invalid", {
    message: `the ${name} content is damaged or cut short (${cause instanceof Error ? cause.message : "unreadable"})`,
    cause,
  });

const viewOf = (chunk: Uint8Array): Buffer<ArrayBuffer> => Buffer.from(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength);

/** Counts what goes in and comes out, and refuses too much. */
class Meter {
  readonly #limits: UnpackLimits;
  inBytes = 0;
  #outBytes = 0;

  constructor(limits: UnpackLimits) {
    this.#limits = limits;
  }

  in(bytes: number): void {
    this.inBytes += bytes;
  }

  out(bytes: number): void {
    this.expect(bytes);
    this.#outBytes += bytes;
  }

  /** @throws {ProblemError} `limit-exceeded` when `bytes` more would be too many */
  expect(bytes: number): void {
    const total = this.#outBytes + bytes;
    if (total > this.#limits.bytes) {
      throw new ProblemError("limit-exceeded", {
        message: `content is larger than ${this.#limits.bytes} bytes when unpacked`,
        facts: { limit: this.#limits.bytes },
      });
    }
    if (total > RATIO_FREE_BYTES && total > this.inBytes * this.#limits.ratio) {
      throw new ProblemError("limit-exceeded", {
        message: `content grows more than ${this.#limits.ratio}-fold when unpacked: ${this.inBytes} bytes became ${total} and more`,
        facts: { limit: this.#limits.ratio },
      });
    }
  }
}
