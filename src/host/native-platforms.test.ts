import { expect, test } from "vitest";
import { type NodePlatforms, nativePlatforms } from "./native-platforms.ts";

const cases: Readonly<Record<string, readonly [NodePlatforms, readonly string[]]>> = {
  "the worker's first, its variants, and what that processor runs by itself": [
    { told: ["linux/amd64", "linux/amd64/v2", "linux/amd64/v3", "linux/arm64", "linux/386"], declared: [], architecture: undefined },
    ["linux/amd64", "linux/amd64/v2", "linux/amd64/v3", "linux/386"],
  ],
  "an arm64 machine: amd64 is emulated, 32-bit arm nobody knows": [
    { told: ["linux/arm64", "linux/amd64", "linux/amd64/v2", "linux/arm/v7", "linux/arm/v6"], declared: [], architecture: undefined },
    ["linux/arm64"],
  ],
  "declared ones are native by the user's word, and hide which is the machine's own": [
    { told: ["linux/amd64", "linux/386"], declared: ["linux/arm64"], architecture: undefined },
    ["linux/arm64"],
  ],
  "a machine that is known is native beside what is declared": [
    { told: ["linux/amd64", "linux/386", "linux/riscv64"], declared: ["linux/arm64"], architecture: "amd64" },
    ["linux/arm64", "linux/amd64", "linux/386"],
  ],
  "a word that is no platform": [{ told: ["linux/amd64", "plan9!"], declared: [], architecture: undefined }, ["linux/amd64"]],
  "a node that does not run": [{ told: [], declared: [], architecture: "amd64" }, []],
};

test.each(Object.entries(cases))("%s", (_name, [node, native]) => {
  expect(nativePlatforms(node)).toEqual(native);
});
