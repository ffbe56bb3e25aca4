import { describe, expect, test } from "vitest";
import {
  ACTIONS_SOURCE,
  actionFacts,
  describedActions,
  inputsOfMajor,
  isHarmless,
  newestMajor,
  newestOfMajor,
  newestVersion,
  runtimeFacts,
  runtimeOf,
  seenLater,
  versionOf,
} from "./actions.ts";

const names = (action: string, major: number | undefined): readonly string[] => (inputsOfMajor(action, major) ?? []).map(({ name }) => name);

describe("inputs by major", () => {
  const cases: readonly [action: string, major: number, has: readonly string[], hasNot: readonly string[]][] = [
    ["docker/build-push-action", 1, ["repository", "dockerfile", "tag_with_ref", "push"], ["platforms", "context", "file"]],
    ["docker/build-push-action", 2, ["platforms", "context", "file", "build-contexts"], ["repository", "provenance", "annotations"]],
    ["docker/build-push-action", 4, ["provenance", "attests"], ["annotations", "call"]],
    ["docker/build-push-action", 7, ["annotations", "call"], ["repository"]],
    ["docker/setup-buildx-action", 3, ["config-inline", "buildkitd-config-inline", "install", "keep-state"], []],
    ["docker/setup-buildx-action", 4, ["buildkitd-config-inline"], ["config-inline", "install"]],
    ["docker/bake-action", 6, ["workdir", "source", "call"], []],
    ["docker/bake-action", 7, ["vars"], ["workdir"]],
    ["docker/metadata-action", 1, ["tag-sha"], ["tags", "flavor"]],
    ["docker/setup-docker-action", 4, ["rootless", "tcp-port"], []],
  ];
  test.each(cases)("%s v%s", (action, major, has, hasNot) => {
    const known = names(action, major);
    expect(known).toEqual(expect.arrayContaining([...has]));
    expect(hasNot.filter((name) => known.includes(name))).toEqual([]);
  });

  test("defaults follow the major", () => {
    const version = (major: number) => inputsOfMajor("docker-practice/actions-setup-docker", major)?.find(({ name }) => name === "docker_version")?.default;
    expect([version(0), version(1)]).toEqual(["19.03", "20.10"]);
  });

  test("deprecations and the release that took an input away are told", () => {
    const input = inputsOfMajor("docker/setup-buildx-action", 3)?.find(({ name }) => name === "install");
    expect(input).toMatchObject({ since: "v1.0.0", removed: "v4.0.0", deprecated: expect.stringContaining("BUILDX_BUILDER") });
  });

  test("an unknown action or major has none; without a major the newest counts", () => {
    expect(inputsOfMajor("nobody/knows", 1)).toBeUndefined();
    expect(inputsOfMajor("docker/login-action", 99)).toBeUndefined();
    expect(names("docker/setup-buildx-action", undefined)).toEqual(names("docker/setup-buildx-action", 4));
  });
});

describe("what a ref means", () => {
  const cases: readonly [ref: string, comment: string | undefined, wanted: object | undefined][] = [
    ["v3", undefined, { major: 3, minor: undefined, patch: undefined, from: "ref" }],
    ["v3.1", undefined, { major: 3, minor: 1, patch: undefined, from: "ref" }],
    ["v3.1.0", undefined, { major: 3, minor: 1, patch: 0, from: "ref" }],
    ["3", undefined, { major: 3, minor: undefined, patch: undefined, from: "ref" }],
    ["f95db51fddba0c2d1ec667646a06c2ce06100226", undefined, { major: 3, minor: 0, patch: 0, from: "commit" }],
    ["f95db51fddba0c2d1ec667646a06c2ce06100226", "v2.0.0, they say", { major: 3, minor: 0, patch: 0, from: "commit" }],
    ["0123456789012345678901234567890123456789", "v2.10.0", { major: 2, minor: 10, patch: 0, from: "comment" }],
    ["0123456789012345678901234567890123456789", "tag=v2", { major: 2, minor: undefined, patch: undefined, from: "comment" }],
    ["0123456789012345678901234567890123456789", "# docker/setup-buildx-action@v2.1", { major: 2, minor: 1, patch: undefined, from: "comment" }],
    ["0123456789012345678901234567890123456789", "pinned by renovate", undefined],
    ["0123456789012345678901234567890123456789", undefined, undefined],
    ["master", "v3", undefined],
    ["releases/v1", undefined, undefined],
  ];
  test.each(cases)("%s with %s", (ref, comment, wanted) => {
    expect(versionOf("docker/setup-buildx-action", ref, comment)).toEqual(wanted);
  });

  test("runtimes", () => {
    expect(runtimeOf("docker/build-push-action", "v2")).toBe("node12");
    expect(runtimeOf("docker/build-push-action", "v1")).toBe("docker");
    expect(runtimeOf("docker/build-push-action", "v7.0.0")).toBe("node24");
    expect(runtimeOf("actions/checkout", "v4")).toBe("node20");
    expect(runtimeOf("actions/checkout", "main")).toBeUndefined();
    expect(runtimeOf("actions/cache/restore", "v3")).toBe("node16");
    expect(runtimeFacts("node20")).toEqual({ runsOn: "node24", from: "2026-06-16", removed: "2026-09-16" });
    expect(runtimeFacts("node24")).toEqual({ runsOn: undefined, from: undefined, removed: undefined });
  });
});

describe("newest", () => {
  test("major and release, as of a date", () => {
    expect(newestMajor("docker/setup-buildx-action")).toBe(4);
    expect(newestMajor("docker/setup-buildx-action", "2025-06-07")).toBe(3);
    expect(newestMajor("docker/setup-buildx-action", "2019-01-01")).toBeUndefined();
    expect(newestVersion("docker/setup-buildx-action")).toEqual({ tag: "v4.3.0", date: "2026-08-17", commit: "37fe631027851001ddb9b187196cc803df7f5f0e" });
    expect(newestVersion("docker/setup-buildx-action", "2025-06-07")?.tag).toBe("v3.10.0");
    expect(newestOfMajor("docker/setup-buildx-action", 2)?.tag).toBe("v2.10.0");
    expect(newestVersion("nobody/knows")).toBeUndefined();
    expect(seenLater("docker/login-action")?.tag).toBe("v4.6.0");
    expect(seenLater("docker/setup-buildx-action")).toBeUndefined();
  });
});

test("closed majors of the artifact actions are told", () => {
  const closed = (name: string) => actionFacts(name)?.majors.flatMap(({ major, closed: date }) => (date === undefined ? [] : [major]));
  expect(closed("actions/upload-artifact")).toEqual([1, 2, 3]);
  expect(closed("actions/download-artifact")).toEqual([1, 2, 3]);
  expect(closed("docker/build-push-action")).toEqual([]);
});

test("harmless actions have a reason, builders have none", () => {
  expect(isHarmless("actions/setup-go")).toBe("GitHub's own actions run no builder and touch no Docker context");
  expect(isHarmless("codecov/codecov-action")).toBe("sends reports");
  expect(isHarmless("github/codeql-action/upload-sarif")).toBe("GitHub's own actions run no builder and touch no Docker context");
  expect(isHarmless("docker/build-push-action")).toBeUndefined();
  expect(isHarmless("nobody/knows")).toBeUndefined();
});

describe.each(describedActions().map((facts) => [facts.name, facts] as const))("the row of %s", (name, facts) => {
  test("holds together", () => {
    expect(name).toBe(name.toLowerCase());
    expect(facts.majors.map(({ major }) => major)).toEqual([...facts.majors].map(({ major }) => major).sort((a, b) => a - b));
    for (const { first, last, major } of facts.majors) {
      expect(first.date <= last.date).toBe(true);
      for (const release of [first, last]) {
        expect(release.commit).toMatch(/^[0-9a-f]{40}$/);
        expect(versionOf(name, release.tag)?.major).toBe(major);
        expect(versionOf(name, release.commit ?? "")?.major).toBe(major);
      }
    }
    expect(facts.seen <= ACTIONS_SOURCE.date).toBe(true);
  });
});
