import { expect, test } from "vitest";
import { type Digest, Digester, digestOf } from "../../src/core/digest.ts";
import { type BlobStore, type ByteStream, putBytes, readBytes } from "../../src/image/blob-store.ts";

export async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes that are not the same anywhere. */
export function patterned(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE((i * 2654435761) >>> 0, i);
  return bytes;
}

export const problem = (code: string): unknown => expect.objectContaining({ name: "ProblemError", code });

/** What every {@link BlobStore} does. */
export function blobStoreContract(name: string, make: () => Promise<BlobStore>): void {
  const hello = Buffer.from("hello");
  const absent = digestOf("nobody wrote this");

  test(`${name}: gives back the bytes it was given, and their size`, async () => {
    const store = await make();
    const digest = await putBytes(store, hello);
    expect(digest).toBe(digestOf(hello));
    expect(await store.stat(digest)).toBe(5);
    expect(Buffer.from(await readBytes(store, digest))).toEqual(hello);
  });

  test(`${name}: has the empty blob once it was put`, async () => {
    const store = await make();
    const digest = await putBytes(store, new Uint8Array());
    expect(await store.stat(digest)).toBe(0);
    expect(await readBytes(store, digest)).toHaveLength(0);
  });

  test.each([1, 65_535, 65_536, 65_537, 1_048_576 + 65_536, 3_500_001])(`${name}: keeps %i bytes written in chunks of odd sizes`, async (length) => {
    const store = await make();
    const bytes = patterned(length);
    const writer = await store.create();
    const chunk = Buffer.alloc(70_001);
    for (let at = 0; at < length; at += chunk.length) {
      const part = bytes.subarray(at, at + chunk.length);
      // The same buffer again and again: the store must not keep it.
      part.copy(chunk);
      await writer.write(chunk.subarray(0, part.length));
    }
    expect(writer.size).toBe(length);
    const { digest, size } = await writer.commit();
    expect({ digest, size }).toEqual({ digest: digestOf(bytes), size: length });
    expect((await collect(store.open(digest))).equals(bytes)).toBe(true);
  });

  test(`${name}: says undefined of what it does not hold, and throws when that is opened`, async () => {
    const store = await make();
    expect(await store.stat(absent)).toBeUndefined();
    await expect(collect(store.open(absent))).rejects.toEqual(problem("store-damaged"));
    expect(await store.delete(absent)).toBe(false);
  });

  test.each<[string, { start: number; end?: number }, string]>([
    ["from a byte on", { start: 2 }, "llo"],
    ["up to a byte", { start: 0, end: 2 }, "he"],
    ["in the middle", { start: 1, end: 3 }, "el"],
    ["past the end", { start: 3, end: 99 }, "lo"],
    ["nothing", { start: 5 }, ""],
  ])(`${name}: opens a range %s`, async (_, range, wanted) => {
    const store = await make();
    const digest = await putBytes(store, hello);
    expect((await collect(store.open(digest, range))).toString()).toBe(wanted);
  });

  test(`${name}: shows nothing of a blob before it is committed, and nothing after an abort`, async () => {
    const store = await make();
    const writer = await store.create();
    await writer.write(hello);
    expect(await store.stat(digestOf(hello))).toBeUndefined();
    await writer.abort();
    await writer.abort();
    expect(await store.stat(digestOf(hello))).toBeUndefined();
    await expect(writer.write(hello)).rejects.toThrow("after commit or abort");
    await expect(writer.commit()).rejects.toThrow("after abort");
  });

  test.each<[string, { digest?: Digest; size?: number }, string]>([
    ["another digest", { digest: absent }, "digest-mismatch"],
    ["another size", { size: 6 }, "size-mismatch"],
    ["another sha512 digest", { digest: new Digester("sha512").update(Buffer.from("x")).digest() }, "digest-mismatch"],
  ])(`${name}: refuses content that has %s than expected, and keeps nothing of it`, async (_, expected, code) => {
    for (const bytes of [hello, patterned(200_000)]) {
      const store = await make();
      const writer = await store.create();
      await writer.write(bytes);
      await expect(writer.commit(expected)).rejects.toEqual(problem(code));
      expect(await store.stat(digestOf(bytes))).toBeUndefined();
    }
  });

  test.each([5, 200_000])(`${name}: keeps %i bytes under sha512 when that is expected`, async (length) => {
    const store = await make();
    const bytes = patterned(length);
    const wanted = new Digester("sha512").update(bytes).digest();
    const writer = await store.create();
    await writer.write(bytes);
    expect(await writer.commit({ digest: wanted, size: length })).toEqual({ digest: wanted, size: length });
    expect((await collect(store.open(wanted))).equals(bytes)).toBe(true);
    expect(await store.stat(digestOf(bytes))).toBeUndefined();
  });

  test(`${name}: takes the same blob from many writers at once`, async () => {
    const store = await make();
    const bytes = patterned(300_000);
    const digests = await Promise.all(Array.from({ length: 8 }, () => putBytes(store, bytes)));
    expect(new Set(digests)).toEqual(new Set([digestOf(bytes)]));
    expect((await collect(store.open(digestOf(bytes)))).equals(bytes)).toBe(true);
  });

  test(`${name}: forgets a deleted blob, and takes it again`, async () => {
    const store = await make();
    const digest = await putBytes(store, hello);
    expect(await store.delete(digest)).toBe(true);
    expect(await store.stat(digest)).toBeUndefined();
    expect(await store.delete(digest)).toBe(false);
    await putBytes(store, hello);
    expect(await store.stat(digest)).toBe(5);
  });

  test(`${name}: lets a reader leave early`, async () => {
    const store = await make();
    const digest = await putBytes(store, patterned(3_000_000));
    for await (const chunk of store.open(digest)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(await store.delete(digest)).toBe(true);
  });
}
