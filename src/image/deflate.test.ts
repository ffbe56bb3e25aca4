import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DeflateOptions, deflateAsNode } from "./deflate.ts";
import { compressBlock, GZIP_BLOCK_BYTES, GZIP_DEFAULT_LEVEL } from "./gzip.ts";
import { compressesAsElsewhere } from "./gzip-witness.ts";

/** On a Node with another zlib there is nothing to hold our bytes against but the known digest. */
const nodeIsLikeMost = (await Promise.all([0, 1, 2, 3].map((level) => compressesAsElsewhere(level)))).every(Boolean);
const WINDOW = 32 * 1024;

const LAYERS: DeflateOptions = { level: GZIP_DEFAULT_LEVEL, memLevel: 9, flush: "full", chunkSize: 256 * 1024 };

function byNode(input: Uint8Array, { level, memLevel, flush, chunkSize }: DeflateOptions): Buffer {
  return deflateRawSync(input, { level, memLevel, chunkSize, finishFlush: flush === "full" ? constants.Z_FULL_FLUSH : constants.Z_FINISH });
}

/** Not `toEqual`, which would show a megabyte. */
function expectSame(input: Uint8Array, options: DeflateOptions): void {
  const [own, node] = [deflateAsNode(input, options), byNode(input, options)];
  const differs = Buffer.compare(own, node) === 0 ? -1 : own.findIndex((byte, i) => byte !== node[i]);
  expect({ differs, size: own.length }).toEqual({ differs: -1, size: node.length });
}

function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function bytes(size: number, next: (at: number) => number): Buffer {
  const made = Buffer.alloc(size);
  for (let i = 0; i < size; i++) made[i] = next(i);
  return made;
}

type Maker = (size: number, next: (below: number) => number) => Buffer;

const periodic =
  (period: number): Maker =>
  (size, next) => {
    const base = bytes(period, () => next(256));
    return bytes(size, (i) => base[i % period] as number);
  };

const MAKERS: Readonly<Record<string, Maker>> = {
  zeros: (size) => Buffer.alloc(size),
  noise: (size, next) => bytes(size, () => next(256)),
  "two letters": (size, next) => bytes(size, () => next(2)),
  "seven letters": (size, next) => bytes(size, () => next(7)),
  "letters of very different frequency": (size, next) =>
    bytes(size, () => {
      let value = 0;
      while (value < 255 && next(100) < 55) value++;
      return value;
    }),
  "long runs": (size, next) => {
    const made = Buffer.alloc(size);
    for (let at = 0; at < size; ) {
      const end = Math.min(size, at + 1 + next(700));
      made.fill(next(256), at, end);
      at = end;
    }
    return made;
  },
  "words, noise and what was there before": (size, next) => {
    const made = Buffer.alloc(size);
    for (let at = 0; at < size; ) {
      const end = Math.min(size, at + 1 + next(20_000));
      const kind = next(3);
      if (kind === 0 && at > 0) made.copy(made, at, next(at), Math.min(at, end));
      else for (let i = at; i < end; i++) made[i] = kind === 1 ? next(256) : 97 + next(2 + next(5));
      at = end;
    }
    return made;
  },
  "a period of a window": periodic(WINDOW),
  "a period of the farthest match": periodic(WINDOW - 262),
  "a period of a byte more": periodic(WINDOW - 261),
  "a period of a byte less": periodic(WINDOW - 263),
  "a period of the longest match": periodic(258),
  "program text": (size) => {
    const text = Buffer.from(String(deflateAsNode) + String(compressBlock) + String(numbers) + JSON.stringify(process.config));
    return bytes(size, (i) => text[(i + Math.floor(i / text.length) * 7) % text.length] as number);
  },
};

describe.runIf(nodeIsLikeMost)("our own deflate gives Node's bytes", () => {
  const sizes = [0, 1, 2, 3, 4, 5, 261, 262, 263, 32_766, 32_767, 32_768, 65_273, 65_274, 65_275, 65_535, 65_536, 70_000];
  for (const [what, make] of Object.entries(MAKERS)) {
    test(`for ${what}`, () => {
      for (const size of sizes) expectSame(make(size, numbers(size)), LAYERS);
    });
    test(`for a whole block of ${what}`, () => expectSame(make(GZIP_BLOCK_BYTES, numbers(5)), LAYERS));
  }

  const input = fc
    .record({ maker: fc.constantFrom(...Object.keys(MAKERS)), size: fc.oneof(fc.nat(600), fc.nat(70_000), fc.nat(200_000)), seed: fc.nat() })
    .map(({ maker, size, seed }) => (MAKERS[maker] as Maker)(size, numbers(seed)));
  const memLevel = fc.constantFrom(8 as const, 9 as const);
  /** Small ones show what zlib does when it has to stop and go on. */
  const chunkSize = fc.oneof(fc.integer({ min: 64, max: 5000 }), fc.integer({ min: 5000, max: 300_000 }));

  test("for anything, at the levels with this search, however it ends, whatever Node's buffer", () => {
    const options = fc.record({ level: fc.constantFrom(1 as const, 2 as const, 3 as const), memLevel, flush: fc.constantFrom("full", "finish"), chunkSize });
    fc.assert(fc.property(input, options, expectSame), { numRuns: 150 });
  });

  test("for anything that is stored", () => {
    const options = fc.record({ level: fc.constant(0 as const), memLevel, flush: fc.constant("full" as const), chunkSize });
    fc.assert(fc.property(input, options, expectSame), { numRuns: 100 });
  });

  test("for a few bytes, each of which shows", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (content) => expectSame(content, LAYERS)),
      { numRuns: 300 },
    );
  });

  test.each(["noise", "seven letters", "words, noise and what was there before"])("where a layer is packed of %s", async (what) => {
    for (const size of [10, 20_000, GZIP_BLOCK_BYTES / 4 - 1, GZIP_BLOCK_BYTES / 4, 600_001, GZIP_BLOCK_BYTES]) {
      const block = (MAKERS[what] as Maker)(size, numbers(size));
      const own = await compressBlock(block, GZIP_DEFAULT_LEVEL, "own");
      expect(Buffer.compare(own, await compressBlock(block, GZIP_DEFAULT_LEVEL))).toBe(0);
    }
  });
});

describe("our own deflate", () => {
  test("gives the bytes that are known, on any Node", async () => {
    expect(await compressesAsElsewhere(GZIP_DEFAULT_LEVEL, (block, level) => compressBlock(block, level, "own"))).toBe(true);
  });

  test("can be read", () => {
    for (const make of Object.values(MAKERS)) {
      const content = make(300_000, numbers(9));
      const read = inflateRawSync(deflateAsNode(content, LAYERS), { finishFlush: constants.Z_SYNC_FLUSH });
      expect(Buffer.compare(read, content)).toBe(0);
    }
  });

  test("knows one level of gzip only", async () => {
    await expect(compressBlock(Buffer.from("x"), 6, "own")).rejects.toThrow("level 6");
  });
});
