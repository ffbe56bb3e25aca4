import { describe, expect, test } from "vitest";
import { isGuestProgram, isTriplet, platformWords } from "./bundles.ts";

describe("platformWords", () => {
  test.each([
    ["linux-x64", "* amd64"],
    ["linux_amd64", "* amd64"],
    ["sharp-darwin-arm64", "sharp-* arm64 other"],
    ["sharp-linuxmusl-x64", "sharp-* amd64"],
    ["win-x86", "* 386 other"],
    ["x86_64-unknown-linux-gnu", "* amd64"],
    ["foo.cpython-311-x86_64-linux-gnu.so", "foo.cpython-311-*.so amd64"],
    ["foo.cpython-311-aarch64-linux-gnu.so", "foo.cpython-311-*.so arm64"],
    ["arm64-v8a", "*-v8a arm64"],
    ["java-17-openjdk-amd64", "java-17-openjdk-* amd64"],
    ["libx264.so", "none"],
    ["charm", "none"],
    ["linux", "none"],
  ])("%s", (name, said) => {
    const words = platformWords(name);
    expect(words === undefined ? "none" : `${words.shape} ${[...words.architectures].join(",")}${words.otherSystem ? " other" : ""}`).toBe(said);
  });
});

test.each([
  ["aarch64-linux-gnu", true],
  ["arm-linux-gnueabihf", true],
  ["x86_64-unknown-linux-musl", true],
  ["arm-none-eabi", true],
  ["linux-x64", false],
  ["java-17-openjdk-amd64", false],
  ["some-linux-gnu", false],
])("isTriplet %s", (name, is) => expect(isTriplet(name)).toBe(is));

test.each([
  ["qemu-aarch64-static", true],
  ["qemu-x86_64", true],
  ["qemu-img-tool", false],
])("isGuestProgram %s", (name, is) => expect(isGuestProgram(name)).toBe(is));
