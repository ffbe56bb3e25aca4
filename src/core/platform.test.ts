import { describe, expect, test } from "vitest";
import { bestMatch, formatPlatform, parsePlatform, platformFolder, platformOf } from "./platform.ts";
import { isProblem } from "./problem.ts";

describe("parsePlatform", () => {
  const good: Readonly<Record<string, string>> = {
    "linux/amd64": "linux/amd64",
    "linux/x86_64": "linux/amd64",
    "linux/x86-64": "linux/amd64",
    "linux/amd64/v1": "linux/amd64",
    "linux/amd64/v3": "linux/amd64/v3",
    "linux/aarch64": "linux/arm64",
    "linux/arm64/v8": "linux/arm64",
    "linux/arm64/8": "linux/arm64",
    "linux/arm64/v9": "linux/arm64/v9",
    "linux/arm": "linux/arm/v7",
    "linux/arm/7": "linux/arm/v7",
    "linux/arm/v6": "linux/arm/v6",
    "linux/armhf": "linux/arm/v7",
    "linux/armel": "linux/arm/v6",
    "linux/i386": "linux/386",
    "LINUX/ARM64": "linux/arm64",
    "macos/arm64": "darwin/arm64",
    "windows(10.0.17763)/amd64": "windows(10.0.17763)/amd64",
    arm64: "linux/arm64",
    linux: "linux/amd64",
    windows: "windows/amd64",
    "linux/riscv64": "linux/riscv64",
  };
  for (const [text, wanted] of Object.entries(good)) test(`${text} is ${wanted}`, () => expect(formatPlatform(parsePlatform(text))).toBe(wanted));

  const bad: Readonly<Record<string, { text: string; code: string; hint: RegExp }>> = {
    "an architecture with swapped digits gets the nearest": { text: "linux/amd46", code: "platform-unknown", hint: /did you mean linux\/amd64\?/ },
    "an operating system with a slip gets the nearest": { text: "linus/arm64", code: "platform-unknown", hint: /linux\/arm64/ },
    "a bare word nobody knows gets the list": { text: "toaster", code: "platform-unknown", hint: /known ones are linux\/amd64/ },
    "a bare word with a slip gets the nearest": { text: "arm46", code: "platform-unknown", hint: /linux\/arm64/ },
    "four parts are too many": { text: "linux/arm/v7/neon", code: "platform-malformed", hint: /os\/arch/ },
    "two platforms in one are refused": { text: "linux/amd64,linux/arm64", code: "platform-malformed", hint: /commas/ },
    "an empty part is refused": { text: "linux/", code: "platform-malformed", hint: /os\/arch/ },
    "nothing is refused": { text: "", code: "platform-malformed", hint: /os\/arch/ },
  };
  for (const [name, c] of Object.entries(bad)) {
    test(name, () => {
      try {
        parsePlatform(c.text);
        expect.unreachable();
      } catch (error) {
        expect(isProblem(error) && error.code).toBe(c.code);
        expect(isProblem(error) && error.hint).toMatch(c.hint);
      }
    });
  }

  test("a bare architecture takes the local system, a bare system the local architecture", () => {
    const local = parsePlatform("darwin/arm64");
    expect(formatPlatform(parsePlatform("amd64", local))).toBe("darwin/amd64");
    expect(formatPlatform(parsePlatform("linux", local))).toBe("linux/arm64");
  });
});

test("what an image says of itself is never refused", () => {
  expect(formatPlatform(platformOf({ os: "unknown", architecture: "unknown" }))).toBe("unknown/unknown");
  expect(formatPlatform(platformOf({ os: "linux", architecture: "arm64", variant: "v8" }))).toBe("linux/arm64");
  expect(formatPlatform(platformOf({}))).toBe("/");
});

test("folders of BuildKit's local exporter", () => expect(platformFolder(parsePlatform("linux/arm/v7"))).toBe("linux_arm_v7"));

describe("bestMatch", () => {
  const offer = (...names: string[]) => names.map((name) => ({ platform: parsePlatform(name) }));
  const cases: Readonly<Record<string, { wanted: string; offered: string[]; got: string | undefined }>> = {
    "itself before what it can run": { wanted: "linux/arm/v7", offered: ["linux/arm/v6", "linux/arm/v7"], got: "linux/arm/v7" },
    "an older arm runs on a newer one": { wanted: "linux/arm/v7", offered: ["linux/arm/v5", "linux/arm/v6"], got: "linux/arm/v6" },
    "a newer arm does not run on an older one": { wanted: "linux/arm/v6", offered: ["linux/arm/v7"], got: undefined },
    "386 runs on amd64": { wanted: "linux/amd64", offered: ["linux/386"], got: "linux/386" },
    "amd64 runs on amd64/v3": { wanted: "linux/amd64/v3", offered: ["linux/amd64"], got: "linux/amd64" },
    "arm64 does not run on amd64": { wanted: "linux/amd64", offered: ["linux/arm64"], got: undefined },
    "another system is another platform": { wanted: "linux/amd64", offered: ["windows/amd64"], got: undefined },
    "v8.5 is in v9": { wanted: "linux/arm64/v9", offered: ["linux/arm64/v8.5"], got: "linux/arm64/v8.5" },
  };
  for (const [name, c] of Object.entries(cases)) {
    test(name, () => {
      const found = bestMatch(parsePlatform(c.wanted), offer(...c.offered));
      expect(found && formatPlatform(found.platform)).toBe(c.got);
    });
  }
});
