import { describe, expect, test } from "vitest";
import { complaintsOf, imageOf, ofKind, type PlanCase, planOf } from "../../test/harness/plan-of.ts";

/** What `RESULT` is in the last stage. */
async function resultOf(lines: readonly string[], about: PlanCase = {}): Promise<string | undefined> {
  const image = await imageOf(lines, about);
  return image.config.config?.Env?.find((assignment) => assignment.startsWith("RESULT="))?.slice("RESULT=".length);
}

describe("what a variable is", () => {
  const CASES: readonly (readonly [name: string, lines: readonly string[], wanted: string, about?: PlanCase])[] = [
    ["a default", ["FROM scratch", "ARG A=1", "ENV RESULT=$A"], "1"],
    ["--build-arg goes before the default", ["FROM scratch", "ARG A=1", "ENV RESULT=$A"], "2", { args: { A: "2" } }],
    ["--build-arg without ARG is nothing", ["FROM scratch", "ENV RESULT=<$A>"], "<>", { args: { A: "2" } }],
    ["an empty --build-arg goes before the default", ["FROM scratch", "ARG A=1", "ENV RESULT=<$A>"], "<>", { args: { A: "" } }],
    ["ARG without a value", ["FROM scratch", "ARG A", "ENV RESULT=<$A>"], "<>"],
    ["before its ARG it is nothing", ["FROM scratch", "ENV RESULT=<$A>", "ARG A=1"], "<>"],
    ["a default may name earlier ones", ["FROM scratch", "ARG A=1", "ARG B=$A.2", "ENV RESULT=$B"], "1.2"],
    ["also of the same line", ["FROM scratch", "ARG A=1 B=$A.2", "ENV RESULT=$B"], "1.2"],
    ["ENV shadows ARG", ["FROM scratch", "ARG A=1", "ENV A=2", "ENV RESULT=$A"], "2"],
    ["ENV shadows --build-arg", ["FROM scratch", "ARG A", "ENV A=2", "ENV RESULT=$A"], "2", { args: { A: "3" } }],
    ["a later ARG shadows ENV", ["FROM scratch", "ENV A=2", "ARG A=1", "ENV RESULT=$A"], "1"],
    ["a later ARG without a value does not", ["FROM scratch", "ENV A=2", "ARG A", "ENV RESULT=$A"], "2"],
    ["ENV of one line sees the values from before it", ["FROM scratch", "ENV A=1", "ENV A=2 RESULT=$A"], "1"],
    ["a global ARG is unknown inside a stage", ["ARG A=1", "FROM scratch", "ENV RESULT=<$A>"], "<>"],
    ["unless ARG names it", ["ARG A=1", "FROM scratch", "ARG A", "ENV RESULT=$A"], "1"],
    ["a default in the stage goes before the global one", ["ARG A=1", "FROM scratch", "ARG A=2", "ENV RESULT=$A"], "2"],
    ["--build-arg sets the global one", ["ARG A=1", "ARG B=$A!", "FROM scratch", "ARG B", "ENV RESULT=$B"], "7!", { args: { A: "7" } }],
    ["ARG ends with its stage", ["FROM scratch AS one", "ARG A=1", "FROM scratch", "ENV RESULT=<$A>"], "<>"],
    ["but is handed on to a stage built upon it", ["FROM scratch AS one", "ARG A=1", "FROM one", "ENV RESULT=$A"], "1"],
    ["ENV is handed on, and goes before an ARG of the first stage", ["FROM scratch AS one", "ENV A=2", "ARG A=1", "FROM one", "ENV RESULT=$A"], "2"],
    ["ENV of the base image", ["FROM base", "ENV RESULT=$A"], "base", { images: { "docker.io/library/base:latest": { config: { Env: ["A=base"] } } } }],
    ["a modifier", ["FROM scratch", "ARG A", `ENV RESULT=\${A:-none}`], "none"],
    ["PATH where the base has none", ["FROM scratch", "ENV RESULT=$PATH"], "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["platform arguments are unknown without ARG", ["FROM scratch", "ENV RESULT=<$TARGETARCH>"], "<>"],
    ["a platform argument with a default takes the default", ["FROM scratch", "ARG TARGETARCH=mine", "ENV RESULT=$TARGETARCH"], "mine"],
    ["a platform argument can be overridden", ["FROM scratch", "ARG TARGETARCH", "ENV RESULT=$TARGETARCH"], "mine", { args: { TARGETARCH: "mine" } }],
    ["TARGETSTAGE is the last stage", ["FROM scratch AS one", "FROM scratch AS two", "ARG TARGETSTAGE", "ENV RESULT=$TARGETSTAGE"], "two"],
    ["TARGETSTAGE without a name", ["FROM scratch", "ARG TARGETSTAGE", "ENV RESULT=$TARGETSTAGE"], "default"],
    ["TARGETSTAGE as asked for", ["FROM scratch AS one", "ARG TARGETSTAGE", "ENV RESULT=$TARGETSTAGE", "FROM scratch"], "ONE", { target: "ONE" }],
    ["a proxy is no variable of its own", ["FROM scratch", "ENV RESULT=<$HTTP_PROXY>"], "<>", { args: { HTTP_PROXY: "http://p" } }],
    ["a proxy with ARG is one", ["FROM scratch", "ARG HTTP_PROXY", "ENV RESULT=$HTTP_PROXY"], "http://p", { args: { HTTP_PROXY: "http://p" } }],
    ["an ARG for the SBOM scanner is no variable", ["FROM scratch", "ARG BUILDKIT_SBOM_SCAN_STAGE=true", "ENV RESULT=<$BUILDKIT_SBOM_SCAN_STAGE>"], "<>"],
    ["the epoch of the environment", ["FROM scratch", "ARG SOURCE_DATE_EPOCH", "ENV RESULT=$SOURCE_DATE_EPOCH"], "5", { environmentEpoch: "5" }],
  ];
  for (const [name, lines, wanted, about] of CASES) {
    test(name, async () => {
      expect(await resultOf(lines, about)).toBe(wanted);
    });
  }

  test.each([
    ["linux/amd64", "linux/amd64", "linux amd64 "],
    ["linux/arm/v6", "linux/arm/v6", "linux arm v6"],
    ["windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64", "windows amd64 "],
  ])("the platform arguments of %s", async (platform, whole, parts) => {
    const names = ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"];
    const lines = [
      "FROM scratch",
      ...names.map((name) => `ARG ${name}`),
      'LABEL all="$TARGETPLATFORM $TARGETOS $TARGETARCH $TARGETVARIANT" build="$BUILDPLATFORM $BUILDOS $BUILDARCH $BUILDVARIANT"',
    ];
    const { config } = await imageOf(lines, { platforms: [platform], build: "linux/arm64" });
    expect(config.config?.Labels).toEqual({ all: `${whole} ${parts}`, build: "linux/arm64 linux arm64 " });
  });
});

describe("FROM sees global arguments only", () => {
  test.each([
    ["image", ["ARG BASE=debian", "FROM $BASE:12"], {}],
    ["image by --build-arg", ["ARG BASE", `FROM \${BASE}`], { args: { BASE: "debian:12" } }],
    ["image with default modifier", [`FROM \${BASE:-debian}:12`], {}],
    ["image by platform argument", ["FROM debian:$TARGETARCH"], { images: { "docker.io/library/debian:amd64": {} } }],
    ["stage by global argument", ["ARG KIND=slim", "FROM debian:12 AS base-slim", "FROM base-$KIND"], {}],
  ] as const)("%s", async (_, lines, about: PlanCase) => {
    const [base] = ofKind(await planOf(lines, about), "image");
    expect(base?.reference).toMatch(/^docker\.io\/library\/debian:/);
  });

  test("an ARG of an earlier stage is not seen", async () => {
    expect(await complaintsOf(["FROM scratch", "ARG BASE=debian:12", "FROM $BASE"])).toEqual([
      '3:6 dockerfile-semantics "$BASE" is empty once its variables are put in',
    ]);
  });

  test("the platform of a stage", async () => {
    const plan = await planOf(["ARG P=linux/arm64", "FROM --platform=$P debian:12"]);
    expect(ofKind(plan, "image")[0]?.platform).toEqual({ os: "linux", architecture: "arm64" });
    expect(plan.images[0]?.config.architecture).toBe("amd64");
  });
});

describe("warnings", () => {
  test("build arguments that no ARG names, with the nearest name; switches and proxies are none of them", async () => {
    const args = { VERSON: "1", OTHER: "1", BUILDKIT_INLINE_CACHE: "1", https_proxy: "p", TARGETARCH: "x", SOURCE_DATE_EPOCH: "1", USED: "1", UNREACHED: "1" };
    const { warnings } = await planOf(["ARG VERSION=1", "FROM scratch AS not-built", "ARG UNREACHED", "FROM scratch", "ARG USED"], { args });
    expect(warnings).toEqual([
      'build argument "VERSON" was not consumed: no ARG names it; did you mean "VERSION"?',
      'build argument "OTHER" was not consumed: no ARG names it',
    ]);
  });

  test("an ARG in a trigger of the base consumes a build argument", async () => {
    const images = { "docker.io/library/base:latest": { config: { OnBuild: ["ARG TRIGGERED"] } } };
    expect((await planOf(["FROM base"], { args: { TRIGGERED: "1" }, images })).warnings).toEqual([]);
  });

  test("names that say that they hold a secret", async () => {
    const lines = ["FROM scratch", "ARG API_TOKEN", "ENV DB_PASSWORD=x PUBLIC_KEY=y KEYBOARD=z SECRET_FILE=f", "ARG TOKENIZER"];
    const { warnings } = await planOf(lines, { platforms: ["linux/amd64", "linux/arm64"] });
    expect(warnings.map((warning) => /^(\S+ \w+ "\w+")/.exec(warning)?.[1])).toEqual(['Dockerfile:2: ARG "API_TOKEN"', 'Dockerfile:3: ENV "DB_PASSWORD"']);
  });
});

describe("SOURCE_DATE_EPOCH", () => {
  test.each([
    ["of the environment", { environmentEpoch: "1700000000" }, 1_700_000_000],
    ["a build argument goes before it", { environmentEpoch: "5", args: { SOURCE_DATE_EPOCH: "6" } }, 6],
    ["an empty build argument takes it away", { environmentEpoch: "5", args: { SOURCE_DATE_EPOCH: "" } }, undefined],
    ["zero", { environmentEpoch: "0" }, 0],
    ["none", {}, undefined],
    ["empty", { environmentEpoch: "" }, undefined],
  ] satisfies [string, PlanCase, number | undefined][])("%s", async (_, about, epoch) => {
    expect((await planOf(["FROM scratch"], about)).epoch).toBe(epoch);
  });

  test("a global ARG gives one", async () => {
    expect((await planOf(["ARG SOURCE_DATE_EPOCH=7", "FROM scratch"])).epoch).toBe(7);
  });

  test.each(["yesterday", "-1", "1.5", "1e3", "999999999999", " 5"])("%j is refused", async (environmentEpoch) => {
    await expect(planOf(["FROM scratch"], { environmentEpoch })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("SOURCE_DATE_EPOCH"),
    });
  });
});
