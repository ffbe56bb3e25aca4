import { describe, expect, test } from "vitest";
import { planOf } from "../../test/harness/plan-of.ts";
import { beyondEmbedded, withoutEffect } from "./refuse.ts";
import type { BuildRequest } from "./request.ts";

describe("what only BuildKit can do", () => {
  const CASES: [name: string, request: BuildRequest, message: string | undefined][] = [
    ["nothing, of nothing", {}, undefined],
    [
      "not RUN's settings and our caches",
      { secrets: ["id=a"], ssh: ["default"], cacheTo: ["type=inline"], cacheFrom: ["a"], allow: ["network.host"] },
      undefined,
    ],
    ["not an attestation that is turned off", { provenance: "false", sbom: "false", attest: ["type=provenance,disabled=true"] }, undefined],
    ["an attestation", { attest: ["type=sbom"] }, "--attest type=sbom asks for an attestation, and the embedded engine makes none"],
    ["a provenance", { provenance: "mode=max" }, "--provenance=mode=max asks for an attestation, and the embedded engine makes none"],
  ];
  test.each(CASES)("%s", (_, request, message) => {
    expect(beyondEmbedded(request)?.message).toBe(message);
  });

  test("a cache of GitHub's", () => {
    expect(beyondEmbedded({ cacheTo: ["type=gha"] })?.code).toBe("feature-unsupported");
  });

  test("a mistake in a cache's words is nobody's", () => {
    expect(() => beyondEmbedded({ cacheTo: ["type=registry"] })).toThrow(/ref/);
  });
});

describe("what was given to no avail", () => {
  const CASES: [name: string, run: string, notes: readonly string[]][] = [
    ["a secret and an agent", "RUN true", ["--secret has no effect: no step uses a secret", "--ssh has no effect: no step uses an SSH agent"]],
    ["a secret", "RUN --mount=type=ssh true", ["--secret has no effect: no step uses a secret"]],
    ["nothing", "RUN --mount=type=secret,id=b --mount=type=ssh,id=c true", []],
  ];
  test.each(CASES)("%s", async (_, run, notes) => {
    const plan = await planOf(["FROM debian:12", run]);
    expect(withoutEffect({ secrets: ["id=a"], ssh: ["default"] }, plan)).toEqual(notes);
    expect(withoutEffect({}, plan)).toEqual([]);
  });
});
