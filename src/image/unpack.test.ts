import { execFileSync, spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isProblem, type ProblemCode } from "../core/problem.ts";
import type { ByteStream } from "./blob-store.ts";
import { decompress, RATIO_FREE_BYTES, type UnpackLimits } from "./unpack.ts";

async function* inChunks(bytes: Uint8Array, step = bytes.length || 1): ByteStream {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

/** Bytes without order, the same each time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, seed = 1; i < length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = seed >>> 16;
  }
  return bytes;
}

async function gather(stream: ByteStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function codeOf(stream: ByteStream): Promise<ProblemCode | "none"> {
  try {
    for await (const _ of stream);
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return "none";
}

const text = Buffer.from("content of a layer, told at length. ".repeat(20_000));
const hasZstd = spawnSync("zstd", ["--version"]).status === 0;
const zstd = (bytes: Uint8Array, ...options: string[]): Buffer => execFileSync("zstd", ["-q", "-c", ...options], { input: bytes, maxBuffer: 1 << 30 });

describe("what comes out", () => {
  const cases: Record<string, () => Buffer> = {
    plain: () => text,
    gzip: () => gzipSync(text),
    "two gzip members": () => Buffer.concat([gzipSync(text.subarray(0, 1000)), gzipSync(text.subarray(1000))]),
  };
  for (const [what, make] of Object.entries(cases)) {
    for (const step of [1_000_000, 999, 1]) {
      test(`${what}, in chunks of ${step}`, async () => {
        const bytes = step === 1 ? make().subarray(0, what === "plain" ? 3000 : undefined) : make();
        expect((await gather(decompress(inChunks(bytes, step)))).equals(what === "plain" ? bytes : text)).toBe(true);
      });
    }
  }
  test("how it is packed is told before anything comes", async () => {
    const zstdFrame = Buffer.from("28b52ffd2000010000", "hex");
    for (const [bytes, compression] of [
      [Buffer.from("text"), "none"],
      [gzipSync("text"), "gzip"],
      [zstdFrame, "zstd"],
      [Buffer.concat([Buffer.from("502a4d1800000000", "hex"), zstdFrame]), "zstd"],
      [Buffer.alloc(0), "none"],
    ] as const) {
      const told: string[] = [];
      for await (const _ of decompress(inChunks(bytes, 3), {}, (one) => told.push(one))) expect(told).toEqual([compression]);
      expect(told).toEqual([compression]);
    }
  });
  test("nothing is nothing", async () => expect((await gather(decompress(inChunks(Buffer.alloc(0))))).length).toBe(0));
  test("less than a magic number is plain", async () => expect((await gather(decompress(inChunks(Buffer.from("ab"), 1)))).toString()).toBe("ab"));

  for (const [program, options] of [
    ["bzip2", []],
    ["bzip2", ["-1"]],
    ["xz", []],
    ["xz", ["-0", "--check=crc32"]],
    ["xz", ["--check=sha256", "--block-size=100000"]],
    ["xz", ["--check=none", "--lzma2=lc=0,lp=2,pb=0,dict=4KiB"]],
  ] as const) {
    const pack = (bytes: Uint8Array): Buffer => execFileSync(program, [...options, "-c"], { input: bytes });
    describe.skipIf(spawnSync(program, ["--version"], { input: "" }).error !== undefined)(
      `${program} ${options.join(" ")} (skipped where it is not installed)`,
      () => {
        const inputs = { nothing: Buffer.of(), text, zeros: Buffer.alloc(300_000), "runs of four": Buffer.from("aaaab".repeat(999)), noise: noise(250_000) };
        test.each(Object.entries(inputs))("%s", async (_, input) => {
          for (const step of [1_000_000, 1000]) expect((await gather(decompress(inChunks(pack(input), step)))).equals(input)).toBe(true);
        });
        test("two streams", async () => {
          const bytes = Buffer.concat([pack(text.subarray(0, 1000)), pack(text.subarray(1000))]);
          expect((await gather(decompress(inChunks(bytes)))).equals(text)).toBe(true);
        });
        test("cut short anywhere", async () => {
          const bytes = pack(text.subarray(0, 2000));
          for (let length = 6; length < bytes.length; length++) expect(await codeOf(decompress(inChunks(bytes.subarray(0, length))))).toBe("layer-invalid");
        });
        test("followed by something else", async () => {
          expect(await codeOf(decompress(inChunks(Buffer.concat([pack(text), Buffer.from("junk")]))))).toBe("layer-invalid");
        });
        test("a bit turned over anywhere is told, or makes no difference", async () => {
          const input = text.subarray(0, 500);
          const bytes = pack(input);
          for (let at = 6; at < bytes.length; at++) {
            const wrong = Buffer.from(bytes);
            wrong[at] = (wrong[at] as number) ^ (1 << (at % 8));
            try {
              const out = await gather(decompress(inChunks(wrong), { bytes: 10_000_000 }));
              if (!options.includes("--check=none" as never)) expect(out.equals(input)).toBe(true);
            } catch (error) {
              expect(isProblem(error)).toBe(true);
            }
          }
        });
      },
    );
  }
  test.skipIf(spawnSync("xz", ["--version"]).error !== undefined)("other filters of xz are refused", async () => {
    const packed = execFileSync("xz", ["--x86", "--lzma2", "-c"], { input: text });
    expect(await codeOf(decompress(inChunks(packed)))).toBe("layer-unsupported");
  });
  test.skipIf(spawnSync("xz", ["--version"]).error !== undefined)("a dictionary of a gigabyte is refused", async () => {
    const packed = execFileSync("xz", ["--lzma2=dict=1GiB", "-c"], { input: text });
    expect(await codeOf(decompress(inChunks(packed)))).toBe("limit-exceeded");
  });
  test.skipIf(spawnSync("xz", ["--version"]).error !== undefined)("a bomb of xz is stopped", async () => {
    const bomb = execFileSync("xz", ["-0", "-c"], { input: Buffer.alloc(16 * 1024 * 1024) });
    expect(await codeOf(decompress(inChunks(bomb), { bytes: 5_000_000 }))).toBe("limit-exceeded");
  });

  describe.skipIf(!hasZstd)("zstd (skipped where the zstd program, which makes the input, is not installed)", () => {
    for (const step of [1_000_000, 100]) {
      test(`one frame, in chunks of ${step}`, async () => expect((await gather(decompress(inChunks(zstd(text), step)))).equals(text)).toBe(true));
      test(`two frames, in chunks of ${step}`, async () => {
        const bytes = Buffer.concat([zstd(text.subarray(0, 1000)), zstd(text.subarray(1000), "--check")]);
        expect((await gather(decompress(inChunks(bytes, step)))).equals(text)).toBe(true);
      });
      test(`cut short, in chunks of ${step}`, async () => expect(await codeOf(decompress(inChunks(zstd(text).subarray(0, -5), step)))).toBe("layer-invalid"));
      test(`followed by something else, in chunks of ${step}`, async () =>
        expect(await codeOf(decompress(inChunks(Buffer.concat([zstd(text), Buffer.from("junk")]), step)))).toBe("layer-invalid"));
    }
    test("a bomb is stopped", async () => {
      const bomb = zstd(Buffer.alloc(RATIO_FREE_BYTES + 64 * 1024 * 1024));
      expect(await codeOf(decompress(inChunks(bomb, 64 * 1024)))).toBe("limit-exceeded");
    });
  });
  test("a zstd window of a gigabyte is refused", async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (20 << 3) | 0, 0, 0, 0]);
    expect(await codeOf(decompress(inChunks(frame)))).toBe("limit-exceeded");
  });
});

describe("what is refused", () => {
  const gz = gzipSync(text);
  const damaged = Buffer.from(gz);
  damaged[Math.floor(gz.length / 2)] = (damaged[Math.floor(gz.length / 2)] as number) ^ 0xff;
  const wrongChecksum = Buffer.from(gz);
  wrongChecksum[gz.length - 6] = (wrongChecksum[gz.length - 6] as number) ^ 1;
  const cases: Record<string, { bytes: Buffer; code: ProblemCode; limits?: Partial<UnpackLimits> }> = {
    "gzip cut short": { bytes: gz.subarray(0, -3), code: "layer-invalid" },
    "gzip of nothing but a header": { bytes: gz.subarray(0, 10), code: "layer-invalid" },
    "gzip with damaged content": { bytes: damaged, code: "layer-invalid" },
    "gzip with a wrong checksum": { bytes: wrongChecksum, code: "layer-invalid" },
    "gzip followed by something else": { bytes: Buffer.concat([gz, Buffer.from("junk")]), code: "layer-invalid" },
    "gzip followed by zeros": { bytes: Buffer.concat([gz, Buffer.alloc(64)]), code: "layer-invalid" },
    "gzip followed by half a member": { bytes: Buffer.concat([gz, gz.subarray(0, 40)]), code: "layer-invalid" },
    "bzip2 cut short": { bytes: Buffer.from("BZh91AY&SY"), code: "layer-invalid" },
    "xz cut short": { bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), code: "layer-invalid" },
    "plain content over the limit": { bytes: Buffer.alloc(5000, "x"), code: "limit-exceeded", limits: { bytes: 4000 } },
    "unpacked content over the limit": { bytes: gz, code: "limit-exceeded", limits: { bytes: 100_000 } },
  };
  for (const [what, { bytes, code, limits }] of Object.entries(cases)) {
    for (const step of [1_000_000, 20])
      test(`${what}, in chunks of ${step}`, async () => expect(await codeOf(decompress(inChunks(bytes, step), limits))).toBe(code));
  }

  test("a bomb is stopped soon after the part that is free", async () => {
    const member = gzipSync(Buffer.alloc(32 * 1024 * 1024), { level: 9 });
    let passed = 0;
    let given = 0;
    async function* endless(): ByteStream {
      for (; given < 320; given++) yield member;
    }
    const stream = decompress(endless());
    await expect(
      (async () => {
        for await (const chunk of stream) passed += chunk.length;
      })(),
    ).rejects.toThrow("250-fold");
    expect(passed).toBeLessThanOrEqual(RATIO_FREE_BYTES);
    // Eight tell, and what is gathered ahead, two pieces of 256 KiB, holds some sixteen more.
    expect(given).toBeLessThan(28);
  });
});

describe("the source", () => {
  for (const [what, bytes] of Object.entries({ plain: text, gzip: gzipSync(Buffer.concat(Array.from({ length: 20 }, () => text)), { level: 0 }) })) {
    test(`is released when the reader leaves early (${what})`, async () => {
      let released = false;
      async function* source(): ByteStream {
        try {
          yield* inChunks(bytes, 1000);
        } finally {
          released = true;
        }
      }
      for await (const _ of decompress(source())) break;
      expect(released).toBe(true);
    });
    test(`gives its own error (${what})`, async () => {
      async function* source(): ByteStream {
        yield bytes.subarray(0, 5000);
        throw new Error("connection lost");
      }
      await expect(gather(decompress(source()))).rejects.toThrow("connection lost");
    });
  }
});
