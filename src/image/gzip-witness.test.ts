import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { compressesAsElsewhere } from "./gzip-witness.ts";

describe("Node's zlib", () => {
  // Fails on a Node that is built with the system's zlib, and on one whose own zlib changed: then docs/reproducible.md needs another word, too.
  test.each([undefined, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])("compresses as on the machines that were tried, at level %s", async (level) => {
    expect(await compressesAsElsewhere(level)).toBe(true);
  });

  test("is told apart from one that finds other matches", async () => {
    expect(await compressesAsElsewhere(undefined, async (bytes, level) => deflateRawSync(bytes, { level, memLevel: 8 }))).toBe(false);
  });
});
