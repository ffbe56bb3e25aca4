import { describe, expect, test } from "vitest";
import { aPlace, hole, machine, text, texts } from "../../test/harness/simulation.ts";
import { runnerOf, startEnvironment } from "./runner.ts";
import type { Text } from "./text.ts";

const asOf = "2026-08-21";
const of = (...labels: readonly (string | Text)[]) => runnerOf(texts(...labels), { asOf, place: aPlace() });

describe("the machine that runs-on names", () => {
  test.each([
    [["ubuntu-latest"], { kind: "hosted", image: "ubuntu-24.04", os: "linux", architecture: "amd64" }],
    [["ubuntu-24.04-arm"], { kind: "hosted", image: "ubuntu-24.04-arm", architecture: "arm64" }],
    [["macos-latest"], { kind: "hosted", image: "macos-26-arm64", os: "macos", architecture: "arm64" }],
    [["windows-2022"], { kind: "hosted", os: "windows" }],
    [["self-hosted", "linux", "ARM64"], { kind: "self-hosted", os: "linux", architecture: "arm64" }],
    [["self-hosted"], { kind: "self-hosted", os: undefined, architecture: undefined }],
    [["ubuntu-latest-8-cores"], { kind: "unknown", os: "linux", architecture: undefined }],
    [["buildjet-8vcpu-ubuntu-2204-arm"], { kind: "unknown", os: "linux", architecture: "arm64" }],
    [["depot-ubuntu-24.04"], { kind: "unknown", os: "linux" }],
    [["warp-ubuntu-latest-x64-4x"], { kind: "unknown", os: "linux", architecture: "amd64" }],
    [["fuzzy"], { kind: "unknown", os: undefined }],
    [["ubuntu-latest", "mine"], { kind: "unknown", os: "linux" }],
  ] as const)("%j", (labels, runner) => {
    expect(of(...labels)).toMatchObject(runner);
  });
  test("an expression is unknown, though its text may tell the system", () => {
    expect(of(text(["ubuntu-26.04", hole("inputs.suffix")]))).toMatchObject({ kind: "unknown", os: "linux", architecture: undefined, labels: [] });
    expect(runnerOf(undefined, { asOf, place: undefined })).toMatchObject({ kind: "unknown", fact: { sentence: "nobody knows the runner" } });
  });
  test("its fact names Docker and store", () => {
    expect(of("ubuntu-latest").fact.sentence).toBe(
      `runner "ubuntu-latest" has ubuntu-24.04 with Docker 28.0.4 and its classic image store, by the table of 2026-11-22`,
    );
    expect(of("macos-15").fact.sentence).toContain("no Docker engine");
  });
});

describe("what a job finds", () => {
  test.each([
    ["ubuntu-24.04", asOf, { version: "28.0.4", store: "classic" }],
    ["ubuntu-26.04", asOf, { version: "29.4.2", store: "containerd" }],
    ["ubuntu-24.04", "2026-02-12", { version: undefined, store: "unknown" }],
    ["ubuntu-latest", "2022-11-15", { store: "classic" }],
    ["ubuntu-latest", "2026-11-22", { version: undefined, store: "unknown" }],
    ["mine", asOf, { version: undefined, store: "unknown" }],
  ])("%s on %s", (label, date, daemon) => {
    expect(machine(label, date).contexts.get("default")?.daemon).toMatchObject(daemon);
  });
  test.each(["macos-26", "ubuntu-slim"])("%s has no daemon", (label) => {
    expect(machine(label).contexts.get("default")?.daemon).toBeUndefined();
  });
  test("a machine of one's own may have emulators, a hosted one has none", () => {
    expect(machine("self-hosted").emulators.open).toBe(true);
    expect(machine("ubuntu-24.04").emulators).toMatchObject({ open: false, architectures: new Set() });
  });
  test("the Buildx of a job container is its own", () => {
    const runner = runnerOf(texts("ubuntu-24.04"), { asOf, place: aPlace(), container: text("docker:cli") });
    expect(startEnvironment(runner, asOf).buildxVersion).toBeUndefined();
    expect(machine("ubuntu-24.04").buildxVersion).toBe("0.36.1");
  });
});
