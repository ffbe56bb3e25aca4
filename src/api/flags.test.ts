import { describe, expect, test } from "vitest";
import { formatPlatform, parsePlatform } from "../core/platform.ts";
import { asksForNothing, parseAnnotations, parseBuildArgs, parseKeyValues, parsePlatforms } from "./flags.ts";

const local = parsePlatform("linux/arm64");
const usage = expect.objectContaining({ code: "usage" });

describe("--platform", () => {
  const cases: Readonly<Record<string, { in: readonly string[]; out: readonly string[] }>> = {
    none: { in: [], out: [] },
    "a list, in its order": { in: ["linux/s390x,linux/amd64"], out: ["linux/s390x", "linux/amd64"] },
    "several flags": { in: ["linux/amd64", "linux/arm64"], out: ["linux/amd64", "linux/arm64"] },
    "spaces and empty parts": { in: [" linux/amd64, ,linux/arm64,"], out: ["linux/amd64", "linux/arm64"] },
    "doubles, also by another name": { in: ["linux/arm64,linux/arm64/v8,linux/aarch64"], out: ["linux/arm64"] },
    "this machine's": { in: ["local,linux/amd64"], out: ["linux/arm64", "linux/amd64"] },
    "an architecture alone": { in: ["amd64"], out: ["linux/amd64"] },
  };
  for (const [name, c] of Object.entries(cases)) test(name, () => expect(parsePlatforms(c.in, local).map(formatPlatform)).toEqual(c.out));
  test("an unknown one is refused", () =>
    expect(() => parsePlatforms(["linux/amd64,linux/amd46"], local)).toThrow(expect.objectContaining({ code: "platform-unknown" })));
});

describe("KEY=VALUE", () => {
  const read = (texts: readonly string[]): unknown => [...parseKeyValues("--label", texts, () => "missing")];
  const cases: Readonly<Record<string, { in: readonly string[]; out: unknown }>> = {
    "a value with equals signs": { in: ["a=b=c"], out: [["a", "b=c"]] },
    "an empty value": { in: ["a="], out: [["a", ""]] },
    "no value": { in: ["a"], out: [["a", "missing"]] },
    "the last of a key wins": {
      in: ["a=1", "b=2", "a=3"],
      out: [
        ["a", "3"],
        ["b", "2"],
      ],
    },
  };
  for (const [name, c] of Object.entries(cases)) test(name, () => expect(read(c.in)).toEqual(c.out));
  for (const text of ["=x", ""]) test(`${JSON.stringify(text)} has no name`, () => expect(() => read([text])).toThrow(usage));
  test("a build argument without a value is the environment's, and left out when that has none", () => {
    expect([...parseBuildArgs(["A", "B", "C=3"], { env: { A: "1" } })]).toEqual([
      ["A", "1"],
      ["C", "3"],
    ]);
  });
});

describe("--annotation", () => {
  const cases: Readonly<Record<string, { in: string; out: readonly unknown[] }>> = {
    "of the manifest unless told": { in: "a.b=c", out: [{ at: "manifest", key: "a.b", value: "c" }] },
    "of several": {
      in: "index,manifest-descriptor:a=b",
      out: [
        { at: "index", key: "a", value: "b" },
        { at: "manifest-descriptor", key: "a", value: "b" },
      ],
    },
    "of one platform": { in: "manifest[linux/arm64]:a=b", out: [{ at: "manifest", key: "a", value: "b", platform: local }] },
    "a key with a colon": { in: "org.example:x=y", out: [{ at: "manifest", key: "org.example:x", value: "y" }] },
    "a value with everything": { in: "index:a=b:c=d,e", out: [{ at: "index", key: "a", value: "b:c=d,e" }] },
  };
  for (const [name, c] of Object.entries(cases)) test(name, () => expect(parseAnnotations([c.in])).toEqual(c.out));
  for (const text of ["a", "=b", "indx:a=b", ""]) test(`${JSON.stringify(text)} is refused`, () => expect(() => parseAnnotations([text])).toThrow(usage));
});

test.each([
  [undefined, true],
  ["false", true],
  ["FALSE", true],
  ["0", true],
  ["", true],
  ["disabled=true", true],
  ["true", false],
  ["mode=max", false],
  ["1", false],
])("an attestation of %j asks for nothing: %j", (value, wanted) => expect(asksForNothing(value)).toBe(wanted));
