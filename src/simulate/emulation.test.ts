import { describe, expect, test } from "vitest";
import { aBuild, aBuilder, aPlace, machine, performed, text, texts } from "../../test/harness/simulation.ts";
import { parsePlatform } from "../core/platform.ts";
import { builderOf } from "./builder-of.ts";
import { emulatorOf, hostEmulatorOf, runsNatively } from "./emulation.ts";
import type { Environment } from "./environment.ts";
import type { Operation } from "./operation.ts";

const emulators = (...architectures: readonly string[]): Operation => ({ kind: "install-emulators", place: aPlace(), architectures, image: undefined });
const everyEmulator: Operation = { kind: "install-emulators", place: aPlace(), architectures: "all", image: undefined };

test.each([
  ["amd64", "linux/amd64", true],
  ["amd64", "linux/386", true],
  ["amd64", "linux/amd64/v3", true],
  ["amd64", "linux/amd64/v4", undefined],
  ["amd64", "linux/arm64", false],
  ["amd64", "windows/amd64", false],
  ["arm64", "linux/arm64", true],
  ["arm64", "linux/arm/v7", undefined],
  ["arm64", "linux/386", false],
  ["arm64", "linux/amd64", false],
])("%s runs %s: %s", (architecture, platform, answer) => {
  expect(runsNatively(architecture, parsePlatform(platform))).toBe(answer);
});

const how = (environment: Environment, platform: string): string => emulatorOf(environment, builderOf(aBuild(), environment), parsePlatform(platform)).how;
const container = performed(machine(), [aBuilder("b")]);
const option = (value: string): Environment => performed(machine(), [aBuilder("b", { driverOptions: texts(value) })]);

describe("what runs the programs of a platform in a build", () => {
  test.each<[string, Environment, string, string]>([
    ["the machine's own platform", machine(), "linux/amd64", "native"],
    ["docker driver, nothing installed", machine("ubuntu-26.04"), "linux/arm64", "none"],
    ["docker driver, installed", performed(machine("ubuntu-26.04"), [emulators("arm64")]), "linux/arm64", "host"],
    ["docker driver, another one installed", performed(machine("ubuntu-26.04"), [emulators("s390x")]), "linux/arm64", "none"],
    ["docker driver, all installed", performed(machine(), [everyEmulator]), "linux/riscv64", "host"],
    ["installed as a platform", performed(machine(), [emulators("linux/arm/v7", "aarch64")]), "linux/arm64", "host"],
    ["container driver", container, "linux/arm64", "buildkit"],
    ["container driver, host's comes first", performed(machine(), [emulators("arm64"), aBuilder("b")]), "linux/arm64", "host"],
    ["container driver, an architecture that its image lacks", container, "linux/loong64", "unknown"],
    ["container driver, an architecture that it never had", container, "linux/sparc64", "none"],
    ["container driver, pinned BuildKit image", option("image=moby/buildkit:v0.13.0"), "linux/arm64", "buildkit"],
    ["container driver, an image of one's own", option("image=ghcr.io/me/buildkit"), "linux/arm64", "unknown"],
    [
      "container driver, options that nobody knows",
      performed(machine(), [aBuilder("b", { driverOptions: { items: [], open: true, place: undefined } })]),
      "linux/arm64",
      "unknown",
    ],
    ["remote driver", performed(machine(), [aBuilder("b", { driver: "remote", endpoint: text("tcp://x:1234") })]), "linux/arm64", "unknown"],
    ["container driver on another machine", performed(machine(), [aBuilder("b", { endpoint: text("ssh://me@arm") })]), "linux/arm64", "unknown"],
    ["32-bit arm on arm64", performed(machine("ubuntu-24.04-arm"), [aBuilder("b")]), "linux/arm/v7", "unknown"],
    ["32-bit arm on arm64, installed", performed(machine("ubuntu-24.04-arm"), [emulators("arm"), aBuilder("b")]), "linux/arm/v7", "host"],
    ["a machine of one's own", machine("self-hosted"), "linux/arm64", "unknown"],
  ])("%s", (_name, environment, platform, expected) => {
    expect(how(environment, platform)).toBe(expected);
  });
  test("the builder's own emulators do not help the machine", () => {
    expect(hostEmulatorOf(container, parsePlatform("linux/arm64")).how).toBe("none");
  });
  test("installed under a condition: perhaps", () => {
    const doubtful = performed(machine(), [{ kind: "doubt", place: aPlace(), sentence: "nobody knows", about: ["emulators"] }]);
    expect(how(doubtful, "linux/arm64")).toBe("unknown");
    expect(builderOf(aBuild(), doubtful).certain).toBe(true);
  });
});
