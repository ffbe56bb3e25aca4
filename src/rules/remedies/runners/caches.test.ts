import { describe, expect, test } from "vitest";
import { cachesOfAll, cachesPerPlatform, localCache } from "./caches.ts";

const made = (to: string, from?: string): unknown => cachesPerPlatform({ from, to }, "docker");

describe("caches of a platform", () => {
  test.each([
    ["type=gha,mode=max", `type=gha,mode=max,scope=docker-\${{ matrix.name }}`],
    [`type=gha,scope=\${{ github.workflow }}`, `type=gha,scope=\${{ github.workflow }}-\${{ matrix.name }}`],
    ["type=registry,ref=ghcr.io/a/b:cache,mode=max", `type=registry,ref=ghcr.io/a/b:cache-\${{ matrix.name }},mode=max`],
    ["type=registry,ref=localhost:5000/a", `type=registry,ref=localhost:5000/a:\${{ matrix.name }}`],
    ["a/b:cache", `a/b:cache-\${{ matrix.name }}`],
    ["type=inline", "type=inline"],
    ["type=local,dest=/tmp/x", "type=local,dest=/tmp/x"],
    ["type=gha\ntype=inline\n", `type=gha,scope=docker-\${{ matrix.name }}\ntype=inline\n`],
  ])("%s", (given, wanted) => expect(made(given)).toEqual({ from: undefined, to: wanted }));

  test("what is only read stays: an image with its cache within", () => {
    expect(made("type=inline", "type=registry,ref=a/b:latest")).toEqual({ from: "type=registry,ref=a/b:latest", to: "type=inline" });
    expect(made("type=registry,ref=a/b:c", "type=registry,ref=a/b:c\ntype=registry,ref=a/b:latest\n")).toEqual({
      from: `type=registry,ref=a/b:c-\${{ matrix.name }}\ntype=registry,ref=a/b:latest\n`,
      to: `type=registry,ref=a/b:c-\${{ matrix.name }}`,
    });
  });

  test.each([
    ["type=s3,bucket=x", /may not be shared/],
    ['"type=registry,ref=a/b"', /not understood/],
    [`type=registry,ref=\${{ env.CACHE }}`, /whether the cache "\$\{\{ env\.CACHE \}\}" has a tag/],
    ["type=registry,ref=a/b@sha256:1", /has a tag/],
  ])("%s is refused", (given, wanted) => expect(made(given)).toEqual({ refused: expect.stringMatching(wanted) as string }));
});

describe("and back", () => {
  test.each([
    [`type=gha,mode=max,scope=docker-\${{ matrix.name }}`, "type=gha,mode=max"],
    [`type=gha,scope=x-\${{ matrix.platform }}`, "type=gha,scope=x"],
    [`type=gha,scope=\${{ env.PLATFORM_PAIR }}`, "type=gha"],
    [`type=registry,ref=a/b:\${{ matrix.name }}`, "type=registry,ref=a/b:buildcache"],
    [`type=registry,ref=a/b:cache-\${{ matrix.arch }},mode=max`, "type=registry,ref=a/b:cache,mode=max"],
    ["type=inline", "type=inline"],
  ])("%s", (given, wanted) => expect(cachesOfAll(given, "docker")).toBe(wanted));
});

test("the folder of a local cache", () => {
  expect(localCache("type=local,dest=/tmp/x-new,mode=max")).toBe("/tmp/x-new");
  expect(localCache("type=gha")).toBeUndefined();
  expect(localCache(undefined)).toBeUndefined();
});
