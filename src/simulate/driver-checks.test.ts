import { describe, expect, test } from "vitest";
import { aBuild, aBuilder, aDaemon, hole, MAYBE, machine, ON, performed, text, texts } from "../../test/harness/simulation.ts";
import { builderOf } from "./builder-of.ts";
import { type Refusal, refusalsOf } from "./driver-checks.ts";
import type { Environment } from "./environment.ts";
import type { Build } from "./operation.ts";

const refusals = (build: Partial<Build>, environment: Environment = machine()): readonly Refusal[] => {
  const one = aBuild(build);
  return refusalsOf(one, builderOf(one, environment), environment);
};
/** Names of features; `?` behind one that is not certain. */
const shown = (found: readonly Refusal[]): readonly string[] => found.map(({ feature, certain }) => (certain ? feature : `${feature}?`));

const two = texts("linux/amd64", "linux/arm64");
const CONTAINER = performed(machine(), [aBuilder("b")]);
const CONTAINERD = machine("ubuntu-26.04");
const UNKNOWN = machine("mine");
const OLD = machine("ubuntu-22.04", "2023-05-01");

describe("what a builder refuses, in Buildx's order", () => {
  test.each<[string, Partial<Build>, Environment, readonly string[]]>([
    ["one platform", { platforms: texts("linux/arm64") }, machine(), []],
    ["several platforms", { platforms: two }, machine(), ["several-platforms"]],
    ["several platforms, containerd store", { platforms: two }, CONTAINERD, []],
    ["several platforms, container driver", { platforms: two }, CONTAINER, []],
    ["several platforms, nobody knows the store", { platforms: two }, UNKNOWN, ["several-platforms?"]],
    ["several platforms, ubuntu-latest while it moves", { platforms: two }, machine("ubuntu-latest", "2026-11-01"), ["several-platforms?"]],
    [
      "several platforms in one text with choices",
      { platforms: texts(text([hole("inputs.p", ["linux/amd64,linux/arm64", "linux/amd64,linux/s390x"])])) },
      machine(),
      ["several-platforms"],
    ],
    [
      "perhaps several platforms",
      { platforms: texts(text([hole("inputs.p", ["linux/amd64", "linux/amd64,linux/arm64"])])) },
      machine(),
      ["several-platforms?"],
    ],
    ["one of several platforms", { platforms: texts(text([hole("matrix.p", ["linux/amd64", "linux/arm64"])])) }, machine(), []],
    ["platforms that nobody knows", { platforms: texts(text([hole("inputs.p")])) }, machine(), ["several-platforms?"]],
    ["one platform, and perhaps another", { platforms: texts("linux/amd64", text([hole("inputs.more")])) }, machine(), ["several-platforms?"]],
    [
      "everything at once",
      { platforms: two, cacheTo: texts("type=registry,ref=x/y"), sbom: text("true"), outputs: texts("type=oci,dest=a.tar") },
      machine(),
      ["cache-export", "attestations", "oci-exporter", "several-platforms"],
    ],
    [
      "everything at once, container driver",
      { platforms: two, cacheTo: texts("type=gha"), sbom: text("true"), outputs: texts("type=oci,dest=a.tar") },
      CONTAINER,
      [],
    ],
    ["GitHub's cache in a script", { cacheTo: texts("type=gha,mode=max") }, machine(), []],
    ["GitHub's cache in the action", { cacheTo: texts("type=gha,mode=max"), through: "docker/build-push-action" }, machine(), ["cache-export"]],
    ["a cache that is there on some events", { cacheTo: texts(text([hole("x", ["", "type=local,dest=c"])])) }, machine(), ["cache-export?"]],
    ["a cache of a type that nobody knows", { cacheTo: texts(text(["type=", hole("inputs.type")])) }, machine(), ["cache-export?"]],
    ["provenance, if wanted", { provenance: text([hole("inputs.provenance")]) }, machine(), ["attestations?"]],
    ["load and push, old Docker", { load: ON, push: ON, tags: texts("x/y") }, machine("ubuntu-22.04", "2024-01-30"), ["several-outputs"]],
    ["load and push, Docker of today", { load: ON, push: ON, tags: texts("x/y") }, machine(), []],
    ["load and push, a Docker between", { load: ON, push: ON, tags: texts("x/y") }, machine("ubuntu-24.04", "2024-08-01"), ["several-outputs?"]],
    [
      "load and push, pinned old BuildKit",
      { load: ON, push: ON, tags: texts("x/y") },
      performed(machine(), [aBuilder("b", { driverOptions: texts("image=moby/buildkit:v0.12.5") })]),
      ["several-outputs"],
    ],
    ["push without a tag", { push: ON }, CONTAINER, ["push-without-tag"]],
    ["push without a tag, whatever the builder", { push: ON }, UNKNOWN, ["push-without-tag"]],
    ["push, perhaps, without a tag", { push: MAYBE }, machine(), ["push-without-tag?"]],
    ["push with a tag that nobody knows", { push: ON, tags: texts(text([hole("steps.meta.outputs.tags")])) }, machine(), []],
    ["push with a name of the output", { outputs: texts("type=image,name=x/y,push=true") }, CONTAINER, []],
    ["push by digest", { outputs: texts("type=image,name=x/y,push=true,push-by-digest=true") }, machine(), ["push-by-digest"]],
    ["push by digest, container driver", { outputs: texts("type=image,name=x/y,push=true,push-by-digest=true") }, CONTAINER, []],
    [
      "push by digest, if pushed",
      { outputs: texts(text(["type=image,name=x/y,push-by-digest=true,push=", hole("inputs.push")])) },
      machine(),
      ["push-by-digest?"],
    ],
    ["load of several platforms", { load: ON, platforms: two }, machine(), ["load-several-platforms", "several-platforms"]],
    ["load of several platforms, container driver, classic store", { load: ON, platforms: two }, CONTAINER, ["load-several-platforms"]],
    ["load of several platforms, container driver, containerd store", { load: ON, platforms: two }, performed(CONTAINERD, [aBuilder("b")]), []],
    ["load of several platforms, perhaps", { load: MAYBE, platforms: two }, CONTAINER, ["load-several-platforms?"]],
    ["load with attestations, container driver, classic store", { load: ON, provenance: text("mode=max") }, CONTAINER, ["load-attestations"]],
    ["a Docker archive", { outputs: texts("type=docker,dest=a.tar") }, machine(), ["docker-exporter"]],
    [
      "a Docker archive of several platforms, anywhere",
      { outputs: texts("type=docker,dest=a.tar"), platforms: two },
      performed(CONTAINERD, [aBuilder("b")]),
      ["load-several-platforms"],
    ],
    ["index annotations", { annotations: texts("index:a=b") }, machine(), ["index-annotations"]],
    ["index annotations, before Buildx looked", { annotations: texts("index:a=b") }, machine("ubuntu-24.04", "2025-06-01"), []],
    ["a builder that is not there", { builder: text("x") }, machine(), ["no-such-builder"]],
    ["no daemon: another finding", { platforms: two }, machine("macos-26"), []],
    [
      "containerd store, and a Buildx that does not see it",
      { platforms: two },
      performed(OLD, [
        aDaemon({ version: "25.0.0", config: `{"features": {"containerd-snapshotter": true}}` }),
        aBuilder("x", { use: false, buildxVersion: text("v0.8.2") }),
      ]),
      ["several-platforms"],
    ],
    ["podman keeps one image", { through: "podman", platforms: two, tags: texts("x/y") }, machine(), ["one-image-of-several-platforms"]],
    ["podman with a manifest list", { through: "podman", platforms: two, manifest: text("x/y") }, machine(), []],
    ["the classic builder, push", { through: "docker build", push: ON, variables: new Map([["DOCKER_BUILDKIT", text("0")]]) }, machine(), ["legacy-flag"]],
  ])("%s", (_name, build, environment, expected) => {
    expect(shown(refusals(build, environment))).toEqual(expected);
  });

  test("an appended node builds its own platform", () => {
    const nodes = performed(machine(), [
      aBuilder("b", { platforms: texts("linux/amd64") }),
      aBuilder("b", { append: true, use: false, platforms: texts("linux/arm64"), endpoint: text("ssh://arm") }),
    ]);
    expect(shown(refusals({ platforms: two, load: ON }, nodes))).toEqual([]);
    expect(shown(refusals({ platforms: two, outputs: texts("type=oci,dest=a.tar") }, nodes))).toEqual(["exporter-several-nodes"]);
    const undeclared = performed(machine(), [aBuilder("b"), aBuilder("b", { append: true, use: false, endpoint: text("ssh://arm") })]);
    expect(shown(refusals({ platforms: two, outputs: texts("type=oci,dest=a.tar") }, undeclared))).toEqual(["exporter-several-nodes?"]);
  });
});

describe("the log", () => {
  test("of a script", () => {
    expect(refusals({ platforms: two })[0]).toMatchObject({
      exitStatus: 1,
      log: {
        tool: "docker buildx build",
        lines: [
          "ERROR: failed to build: Multi-platform build is not supported for the docker driver.",
          "Switch to a different driver, or turn on the containerd image store, and try again.",
          "Learn more at https://docs.docker.com/go/build-multi-platform/",
        ],
      },
    });
  });
  test("of the action, whose annotation is the last line", () => {
    const lines = refusals({ platforms: two, through: "docker/build-push-action" })[0]?.log.lines;
    expect(lines?.at(-1)).toBe("Error: buildx failed with: Learn more at https://docs.docker.com/go/build-multi-platform/");
    expect(lines).toHaveLength(4);
  });
  test("of bake-action and bake", () => {
    expect(refusals({ load: ON, platforms: two, through: "docker/bake-action" })[0]?.log.lines).toEqual([
      "ERROR: docker exporter does not currently support exporting manifest lists",
      "Error: buildx bake failed with: ERROR: docker exporter does not currently support exporting manifest lists",
    ]);
  });
  test("as the Buildx of that day said it", () => {
    expect(refusals({ platforms: two }, OLD)[0]?.log.lines).toEqual([
      `ERROR: multiple platforms feature is currently not supported for docker driver. Please switch to a different driver (eg. "docker buildx create --use")`,
    ]);
  });
  test("what asks for it, with its place", () => {
    const platforms = texts("linux/amd64", "linux/arm64");
    expect(refusals({ platforms })[0]?.facts).toEqual([{ sentence: `the build asks for 2 platforms: "linux/amd64,linux/arm64"`, place: platforms.place }]);
    expect(refusals({ platforms: texts(text([hole("inputs.p")])) })[0]).toMatchObject({
      atoms: ["inputs.p"],
      facts: [{ sentence: `the build asks for platforms that may be several: "\${{ inputs.p }}"` }],
    });
  });
});
