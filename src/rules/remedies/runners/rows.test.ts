import { describe, expect, test } from "vitest";
import { machine } from "../../../../test/harness/simulation.ts";
import { platformRows } from "./rows.ts";

const rows = (platforms: string, label = "ubuntu-24.04", asOf = "2026-08-21"): unknown => {
  const made = platformRows(platforms.split(","), label, machine(label, asOf).runner, asOf);
  return "refused" in made ? made.refused : made.map(({ platform, runner, emulated }) => `${platform} ${runner}${emulated ? " emulated" : ""}`);
};

describe("each platform on a runner of its own architecture", () => {
  test("two", () => expect(rows("linux/amd64,linux/arm64")).toEqual(["linux/amd64 ubuntu-24.04", "linux/arm64 ubuntu-24.04-arm"]));
  test("the newest label keeps its name, its sibling has that of the image", () =>
    expect(rows("linux/amd64,linux/arm64/v8", "ubuntu-latest")).toEqual(["linux/amd64 ubuntu-latest", "linux/arm64/v8 ubuntu-24.04-arm"]));
  test("what no runner runs stays emulated", () =>
    expect(rows("linux/amd64,linux/386,linux/arm64,linux/arm/v7,linux/s390x")).toEqual([
      "linux/amd64 ubuntu-24.04",
      "linux/386 ubuntu-24.04",
      "linux/arm64 ubuntu-24.04-arm",
      "linux/arm/v7 ubuntu-24.04-arm emulated",
      "linux/s390x ubuntu-24.04 emulated",
    ]));
  test("from an arm64 runner", () =>
    expect(rows("linux/amd64,linux/arm64", "ubuntu-24.04-arm")).toEqual(["linux/amd64 ubuntu-24.04", "linux/arm64 ubuntu-24.04-arm"]));
});

test.each([
  ["linux/amd64,linux/s390x", "ubuntu-24.04", "2026-08-21", /no platform of it would run natively/],
  ["linux/amd64,linux/arm64", "ubuntu-24.04", "2024-06-01", /no arm64 runner beside "ubuntu-24\.04" on 2024-06-01/],
  ["linux/amd64,windows/amd64,linux/arm64", "ubuntu-24.04", "2026-08-21", /"windows\/amd64" is no platform of Linux/],
  ["linux/amd64,linux/arm64,linux/arm64/v8", "ubuntu-24.04", "2026-08-21", /stands twice/],
])("%s on %s at %s is refused", (platforms, label, asOf, wanted) => expect(rows(platforms, label, asOf)).toMatch(wanted));
