import { describe, expect, test } from "vitest";
import { architectureWords, choosesArchitecture } from "./architecture-words.ts";

describe("words that name an architecture", () => {
  const cases: Record<string, readonly string[]> = {
    "tool-linux-amd64.tar.gz": ["amd64"],
    "tool_1.2_x86_64.rpm": ["amd64"],
    "tool-linux-x64": ["amd64"],
    "aarch64-unknown-linux-musl": ["arm64"],
    "tool-ARM64": ["arm64"],
    "tool-armhf.deb": ["arm"],
    "x86_64 aarch64": ["amd64", "arm64"],
    "example64 farmhouse xamd64y 386": [],
  };
  for (const [text, is] of Object.entries(cases)) test(text, () => expect(architectureWords(text).map(({ architecture }) => architecture)).toEqual(is));
  test("with their places", () => expect(architectureWords("a-x86_64-b")).toEqual([{ word: "x86_64", architecture: "amd64", index: 2 }]));
});

describe("scripts that choose by themselves", () => {
  const cases: Record<string, boolean> = {
    "curl https://example.org/tool-amd64": false,
    "curl https://example.org/tool-$(uname -m)": true,
    "a=$(dpkg --print-architecture); curl https://example.org/tool-amd64": true,
    "case $TARGETARCH in amd64) true ;; esac": true,
    "cp amd64/tool arm64/tool /": true,
    "echo search unameable": false,
  };
  for (const [script, is] of Object.entries(cases)) test(script, () => expect(choosesArchitecture(script)).toBe(is));
});
