import { describe, expect, test } from "vitest";
import { isArchitecturePackage, isArchitectureVariable, withoutArchitecture } from "./architecture-words.ts";

describe("what is alike but for the architecture", () => {
  const alike: Readonly<Record<string, readonly string[]>> = {
    "Debian's folders": [
      "usr/lib/x86_64-linux-gnu/a",
      "usr/lib/aarch64-linux-gnu/a",
      "usr/lib/arm-linux-gnueabihf/a",
      "usr/lib/i386-linux-gnu/a",
      "usr/lib/powerpc64le-linux-gnu/a",
      "usr/lib/s390x-linux-gnu/a",
      "usr/lib/riscv64-linux-gnu/a",
    ],
    "Python's modules": [
      "_x.cpython-311-x86_64-linux-gnu.so",
      "_x.cpython-311-aarch64-linux-gnu.so",
      "_x.cpython-311-arm-linux-gnueabihf.so",
      "_x.cpython-311-loongarch64-linux-gnu.so",
    ],
    "Rust's targets": ["x86_64-unknown-linux-musl", "armv7-unknown-linux-musleabihf", "riscv64gc-unknown-linux-gnu"],
    "Ruby's folders": ["gems/x86_64-linux/a", "gems/aarch64-linux-gnu/a", "gems/armv7l-linux-eabihf/a"],
    "Node's packages": ["@img/sharp-linux-x64", "@img/sharp-linux-arm64", "@img/sharp-linux-ppc64", "@img/sharp-linux-arm"],
    "Java's homes": [
      "/usr/lib/jvm/java-21-openjdk-amd64",
      "/usr/lib/jvm/java-21-openjdk-arm64",
      "/usr/lib/jvm/java-21-openjdk-armhf",
      "/usr/lib/jvm/java-21-openjdk-ppc64el",
    ],
    "musl's loaders": ["lib/ld-musl-x86_64.so.1", "lib/ld-musl-aarch64.so.1", "lib/ld-musl-armhf.so.1", "lib/ld-musl-i386.so.1"],
    platforms: ["linux/amd64", "linux/arm/v7", "linux/arm64", "linux/arm64/v8", "linux/386"],
    "Go's tools": ["pkg/tool/linux_amd64/asm", "pkg/tool/linux_arm/asm", "pkg/tool/linux_s390x/asm"],
    "official images' words": ["arm32v7", "arm64v8", "amd64", "i386"],
  };
  for (const [name, texts] of Object.entries(alike)) test(name, () => expect(new Set(texts.map(withoutArchitecture)).size).toBe(1));

  test.for(["charm", "armor", "farm/a", "alarm64x", "x8600", "example", "base64", "usr/share/arms", "v8", "linux"])("%s names none", (text) => {
    expect(withoutArchitecture(text)).toBe(text);
  });

  test("what is beside the word still counts", () => {
    expect(withoutArchitecture("app-1.0-amd64")).not.toBe(withoutArchitecture("app-1.1-arm64"));
  });
});

test("variables that tell of the architecture", () => {
  const names = ["GOARM", "TARGETARCH", "SHA_ARM64", "PATH", "ARCHIVE", "JAVA_HOME"];
  expect(names.filter(isArchitectureVariable)).toEqual(["GOARM", "TARGETARCH", "SHA_ARM64"]);
});

test("packages of some architectures only", () => {
  const names = ["libquadmath0", "linux-image-cloud-amd64", "intel-microcode", "qemu-user-static", "app-amd64", "curl", "jq", "nginx"];
  expect(names.filter((name) => !isArchitecturePackage(name))).toEqual(["curl", "jq", "nginx"]);
});
