import { describe, expect, test } from "vitest";
import table from "../../data/buildx.json" with { type: "json" };
import { buildkitImageEmulates, buildxLines, dockerTakesSeveralOutputs, isBuildkitImage, latestBuildx } from "./buildx.ts";
import { latestDocker } from "./docker.ts";
import { atLeast } from "./version.ts";

describe("versions", () => {
  test.each([
    ["0.12.0", "0.12.0", true],
    ["0.9.1", "0.12.0", false],
    ["v0.36.1", "0.9.0", true],
    ["28", "29.0.0", false],
    ["29", "29.0.0", true],
    ["latest", "1.0.0", undefined],
  ])("%s is at least %s: %s", (version, least, answer) => {
    expect(atLeast(version, least)).toBe(answer);
  });
});

describe("what Buildx says", () => {
  test.each([
    [
      "0.4.2",
      `multiple platforms feature is currently not supported for docker driver. Please switch to a different driver (eg. "docker buildx create --use")`,
    ],
    [
      "0.8.2",
      `error: multiple platforms feature is currently not supported for docker driver. Please switch to a different driver (eg. "docker buildx create --use")`,
    ],
    [
      "0.11.2",
      `ERROR: multiple platforms feature is currently not supported for docker driver. Please switch to a different driver (eg. "docker buildx create --use")`,
    ],
    ["0.12.0", "ERROR: Multi-platform build is not supported for the docker driver."],
    ["0.24.0", "ERROR: Multi-platform build is not supported for the docker driver."],
    ["0.25.0", "ERROR: failed to build: Multi-platform build is not supported for the docker driver."],
    [undefined, "ERROR: failed to build: Multi-platform build is not supported for the docker driver."],
  ])("%s", (version, line) => {
    expect(buildxLines("several-platforms", { driver: "docker" }, version, "build")?.[0]).toBe(line);
  });
  test("nothing, before it looked", () => {
    expect(buildxLines("index-annotations", {}, "0.27.0", "build")).toBeUndefined();
    expect(buildxLines("load-manifest-list", {}, "0.5.1", "build")).toBeUndefined();
    expect(buildxLines("attestations", {}, "0.9.1", "build")).toBeUndefined();
  });
  test("bake says no more than the error", () => {
    expect(buildxLines("cache-export", { driver: "docker" }, "0.36.1", "other")?.[0]).toBe("ERROR: Cache export is not supported for the docker driver.");
  });
  test.each(Object.entries(table.messages))("%s: rows are in order, and every blank is one that we fill in", (_message, rows) => {
    expect(rows.every((row, i) => i === 0 || atLeast(row.from, (rows[i - 1] as { from: string }).from))).toBe(true);
    const blanks = rows.flatMap(({ lines }) => lines.flatMap((line) => line.match(/\{\w+\}/g) ?? []));
    expect(blanks.filter((blank) => !["{driver}", "{type}", "{name}", "{address}", "{escaped}", "{path}", "{error}"].includes(blank))).toEqual([]);
  });
});

test.each([
  ["2021-06-01", "0.5.1", "20.10"],
  ["2025-06-06", "0.24.0", "28.0"],
  ["2025-11-09", "0.29.1", "28.0"],
  ["2026-08-21", "0.36.1", "29.0"],
])("latest on %s", (asOf, buildx, docker) => {
  expect(latestBuildx(asOf)).toBe(buildx);
  expect(latestDocker(asOf)).toBe(docker);
});

test("several outputs hang on the BuildKit inside Docker", () => {
  expect(["24.0.7", "26.1.3", "28.0.4", undefined].map(dockerTakesSeveralOutputs)).toEqual([false, undefined, true, undefined]);
});

test("emulators of BuildKit's image", () => {
  expect(["arm64", "riscv64", "mips64le", "loong64", "sparc64"].map(buildkitImageEmulates)).toEqual([true, true, undefined, undefined, false]);
  expect(
    ["moby/buildkit:v0.13.0", "moby/buildkit", "docker.io/moby/buildkit@sha256:0", "moby/buildkit-rootless", "ghcr.io/x/buildkit"].map(isBuildkitImage),
  ).toEqual([true, true, true, false, false]);
});
