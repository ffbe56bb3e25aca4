import { describe, expect, test } from "vitest";
import { planOf } from "../../test/harness/plan-of.ts";
import { isProblem } from "../core/problem.ts";
import { refuseUnsupported, withoutEffect } from "./refuse.ts";
import type { BuildRequest } from "./request.ts";

describe("before anything is read", () => {
  const CASES: [name: string, request: BuildRequest, message: string | undefined][] = [
    ["nothing is refused of nothing", {}, undefined],
    ["RUN and caches are not refused", { secrets: ["id=a"], ssh: ["default"], cacheTo: ["type=inline"], cacheFrom: ["a"], allow: ["network.host"] }, undefined],
    ["an attestation is", { attest: ["type=sbom"] }, "--attest type=sbom asks for an attestation, and the embedded engine makes none"],
    ["a builder is", { builder: "b" }, "--builder b names a Buildx builder, and the embedded engine uses none"],
  ];
  test.each(CASES)("%s", (_, request, message) => {
    let told: string | undefined;
    try {
      refuseUnsupported(request);
    } catch (error) {
      told = isProblem(error, "feature-unsupported") ? error.message : String(error);
    }
    expect(told).toBe(message);
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
