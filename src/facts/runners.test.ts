import { describe, expect, test } from "vitest";
import table from "../../data/runners.json" with { type: "json" };
import { hostedLabel } from "./runners.ts";

describe("the table of hosted runners", () => {
  test.each(Object.entries(table.images))("%s has rows in the order of their dates", (_name, image) => {
    const dates = image.rows.map(({ from }) => from);
    expect(dates).toEqual([...new Set(dates)].sort());
    expect(image.architecture).toMatch(/^(amd64|arm64)$/);
  });
  test.each(Object.entries(table.labels))("label %s names images of the table, in the order of its dates", (_label, spans) => {
    expect(spans.flatMap(({ images }) => images).filter((image) => !Object.hasOwn(table.images, image))).toEqual([]);
    expect(spans.map(({ from }) => from)).toEqual(spans.map(({ from }) => from).sort());
  });
});

describe("what a label stands for", () => {
  test.each([
    ["ubuntu-latest", "2020-06-01", ["ubuntu-18.04"]],
    ["ubuntu-latest", "2021-10-01", ["ubuntu-20.04"]],
    ["ubuntu-latest", "2022-11-15", ["ubuntu-20.04", "ubuntu-22.04"]],
    ["ubuntu-latest", "2023-08-01", ["ubuntu-22.04"]],
    ["ubuntu-latest", "2025-06-06", ["ubuntu-24.04"]],
    ["ubuntu-latest", "2026-08-21", ["ubuntu-24.04"]],
    ["ubuntu-latest", "2026-11-01", ["ubuntu-24.04", "ubuntu-26.04"]],
    ["Ubuntu-24.04-ARM", "2026-08-21", ["ubuntu-24.04-arm"]],
    ["macos-latest", "2026-08-21", ["macos-26-arm64"]],
    ["windows-latest", "2026-08-21", ["windows-2025"]],
    ["ubuntu-24.04", "2019-01-01", ["ubuntu-24.04"]],
  ])("%s on %s", (label, asOf, images) => {
    expect(hostedLabel(label, asOf)?.images.map(({ name }) => name)).toEqual(images);
  });
  test.each(["self-hosted", "ubuntu-latest-8-cores", "fuzzy", "constructor", ""])("%s is none of GitHub's", (label) => {
    expect(hostedLabel(label, "2026-08-21")).toBeUndefined();
  });
});

describe("what an image had", () => {
  test.each([
    ["ubuntu-22.04", "2023-05-01", "20.10.24", "0.10.4"],
    ["ubuntu-22.04", "2025-06-06", "28.0.4", "0.24.0"],
    ["ubuntu-24.04", "2024-07-01", "26.1.3", "0.15.0"],
    ["ubuntu-24.04", "2026-08-21", "28.0.4", "0.36.1"],
    ["ubuntu-26.04", "2026-08-21", "29.4.2", "0.36.1"],
    ["ubuntu-20.04", "2020-08-01", "19.03.12", undefined],
    ["ubuntu-slim", "2026-08-21", undefined, "0.35.0"],
  ])("%s on %s", (label, asOf, docker, buildx) => {
    expect(hostedLabel(label, asOf)?.images[0]).toMatchObject({ docker, buildx });
  });
  test("Docker 29 was rolled out and taken back", () => {
    const mixed = (asOf: string): boolean | undefined => hostedLabel("ubuntu-24.04", asOf)?.images[0]?.mixed;
    expect([mixed("2026-02-04"), mixed("2026-02-12"), mixed("2026-02-21")]).toEqual([false, true, false]);
    expect(hostedLabel("ubuntu-24.04", "2026-02-12")?.images[0]?.docker).toBeUndefined();
  });
  test("images that are gone say since when", () => {
    expect(hostedLabel("ubuntu-20.04", "2026-01-01")?.images[0]?.until).toBe("2025-04-15");
    expect(hostedLabel("ubuntu-24.04", "2026-01-01")?.images[0]?.until).toBeUndefined();
  });
});
