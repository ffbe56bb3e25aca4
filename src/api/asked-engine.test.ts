import { describe, expect, test } from "vitest";
import { problemOf } from "../../test/harness/problem-of.ts";
import { askedEngine, withoutEffectOnBuildkit } from "./asked-engine.ts";
import type { BuildRequest } from "./request.ts";

describe("which engine a request asks for", () => {
  const CASES: [name: string, request: BuildRequest, engine: string, by: string | undefined][] = [
    ["nothing said: the plan decides", {}, "auto", undefined],
    ["auto said", { engine: "auto" }, "auto", undefined],
    ["embedded", { engine: "embedded" }, "embedded", "--engine"],
    ["buildkit", { engine: "buildkit" }, "buildkit", "--engine"],
    ["a builder", { builder: "team" }, "buildkit", "--builder"],
    ["nodes, before a builder", { builder: "team", nodes: ["linux/arm64=tcp://h:1"] }, "buildkit", "--node"],
    ["a push by the builder", { directPush: true }, "buildkit", "--direct-push"],
    ["an emulator is brought for the embedded engine", { emulators: ["debian"] }, "embedded", "--emulator"],
    ["a builder goes over an emulator", { emulators: ["debian"], builder: "team" }, "buildkit", "--builder"],
    ["so does the engine's name", { emulators: ["debian"], engine: "buildkit" }, "buildkit", "--engine"],
  ];
  test.each(CASES)("%s", (_, request, engine, by) => {
    expect(askedEngine(request)).toEqual({ engine, by });
  });

  test.each([
    ["embedded and a builder", { engine: "embedded", builder: "team" }, "usage"],
    ["embedded and an attestation", { engine: "embedded", sbom: "true" }, "feature-unsupported"],
    ["an emulator and an attestation", { emulators: ["debian"], sbom: "true" }, "feature-unsupported"],
  ] satisfies [string, BuildRequest, string][])("both at once: %s", (_, request, code) => {
    expect(problemOf(() => askedEngine(request)).code).toBe(code);
  });
});

test("what means nothing to BuildKit is said", () => {
  expect(withoutEffectOnBuildkit({})).toEqual([]);
  expect(withoutEffectOnBuildkit({ emulators: ["debian"], registryMirrors: ["http://m"] }).map((note) => note.split(" ")[0])).toEqual([
    "--emulator",
    "--registry-mirror",
  ]);
});
