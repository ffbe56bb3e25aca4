import { describe, expect, test } from "vitest";
import { complaintsOf, imageOf, ofKind, type PlanCase, planOf } from "../../test/harness/plan-of.ts";
import { isProblem } from "../core/problem.ts";
import type { BuildPlan } from "./graph.ts";
import { needsOf } from "./vertices.ts";

const TWO = ["linux/amd64", "linux/arm64"];
const OPERATOR = ["FROM debian:12", "ARG TARGETARCH", "COPY manager-$TARGETARCH /manager", "COPY LICENSE /", 'ENTRYPOINT ["/manager"]'];

const shown = ({ vertices }: BuildPlan): string[] => vertices.map(({ name, platforms }) => `${name.replace(/@sha256:\w+/, "@…")} (${platforms.join(" ")})`);
/** Vertices, and those of them that serve more than one platform. */
const counts = ({ vertices }: BuildPlan): [all: number, shared: number] => [vertices.length, vertices.filter(({ platforms }) => platforms.length > 1).length];

describe("equal work is one vertex", () => {
  test("a COPY that does not depend on the platform is made once, one that does for each", async () => {
    expect(shown(await planOf(OPERATOR, { platforms: TWO }))).toEqual([
      "[linux/amd64 1/3] FROM docker.io/library/debian:12@… (linux/amd64)",
      "[linux/arm64 1/3] FROM docker.io/library/debian:12@… (linux/arm64)",
      "[internal] load build context (linux/amd64 linux/arm64)",
      "[linux/amd64 2/3] COPY manager-amd64 /manager (linux/amd64)",
      "[3/3] COPY LICENSE / (linux/amd64 linux/arm64)",
      "[linux/arm64 2/3] COPY manager-arm64 /manager (linux/arm64)",
    ]);
  });

  test.each([
    ["a stage on the build platform", ["FROM --platform=$BUILDPLATFORM debian:12 AS b", "RUN make", "FROM scratch", "COPY --from=b /o /"], [3, 3]],
    [
      "until it asks what it builds for",
      ["FROM --platform=$BUILDPLATFORM debian:12 AS b", "RUN prepare", "ARG TARGETARCH", "RUN make", "FROM scratch", "COPY --from=b /o /"],
      [6, 2],
    ],
    ["a RUN on each platform's own base", ["FROM debian:12 AS b", "RUN make", "FROM scratch", "COPY --from=b /o /"], [6, 0]],
    ["files of scratch", ["FROM scratch", "COPY a /", "WORKDIR /w", "COPY <<x /x", "x"], [4, 4]],
    ["the same COPY in two stages", ["FROM scratch AS one", "COPY a /", "FROM scratch", "COPY a /", "COPY --from=one /a /b"], [3, 3]],
    ["the same COPY from images that differ", ["FROM scratch", "COPY --from=debian:12 /etc /e"], [4, 0]],
    ["an image taken from for the build platform only", ["FROM --platform=$BUILDPLATFORM debian:12 AS d", "FROM scratch", "COPY --from=d /etc /e"], [2, 2]],
    [
      "a RUN with a variable that differs",
      ["FROM --platform=$BUILDPLATFORM debian:12 AS b", "ARG TARGETOS TARGETARCH", "COPY . .", "RUN make", "FROM scratch", "COPY --from=b /o /"],
      [7, 3],
    ],
  ])("%s", async (_, lines, wanted) => {
    const plan = await planOf(lines, { platforms: TWO });
    expect(counts(plan)).toEqual(wanted);
  });

  test("ids do not change with the folder, the file's name or the time, and order of request only orders", async () => {
    const one = await planOf(OPERATOR, { platforms: TWO });
    const other = await planOf(["# a comment", "", ...OPERATOR], { platforms: [...TWO].reverse() });
    expect(new Set(other.vertices.map(({ id }) => id))).toEqual(new Set(one.vertices.map(({ id }) => id)));
    expect(other.images[1]?.files).toEqual(one.images[0]?.files);
    expect(other.vertices.find(({ platforms }) => platforms.length === 2)?.platforms).toEqual(["linux/arm64", "linux/amd64"]);
  });

  test("whatever makes a difference makes another vertex", async () => {
    const lines = [
      "COPY a /b",
      "COPY a /b/",
      "COPY a c /b/",
      "ADD a /b",
      "COPY --chown=1 a /b",
      "COPY --chmod=600 a /b",
      "COPY --link a /b",
      "COPY --parents a /b",
      "COPY --exclude=x a /b",
      "COPY --from=other a /b",
    ];
    const images = { "docker.io/library/other:latest": {} };
    const plan = await planOf(["FROM scratch", ...lines], { images });
    expect(ofKind(plan, "copy")).toHaveLength(lines.length);
  });

  test("a vertex comes after all that it needs", async () => {
    const lines = [
      "FROM debian:12 AS a",
      "COPY x /x",
      "RUN one",
      "FROM alpine AS b",
      "COPY --from=a /x /x",
      "FROM a",
      "COPY --from=b /x /y",
      "ADD https://h.example/f /",
    ];
    const { vertices } = await planOf(lines, { platforms: TWO });
    for (const [i, vertex] of vertices.entries()) {
      for (const need of needsOf(vertex)) expect(vertices.slice(0, i).map(({ id }) => id)).toContain(need);
    }
    expect(vertices.length).toBeGreaterThan(8);
  });
});

describe("names", () => {
  test("numbers are padded, stages named, and one platform is not told", async () => {
    const lines = ["FROM scratch AS none", "FROM scratch AS files", ...Array.from({ length: 10 }, (_, i) => `COPY f${i} /`)];
    const names = (await planOf(lines)).vertices.map(({ name }) => name);
    expect(names.slice(1, 3)).toEqual(["[files  1/10] COPY f0 /", "[files  2/10] COPY f1 /"]);
    expect(names.at(-1)).toBe("[files 10/10] COPY f9 /");
  });

  test("a stage without a name has its number where there are several", async () => {
    const { vertices } = await planOf(["FROM scratch", "COPY a /a", "FROM scratch", "copy --from=0 /a /b"]);
    expect(vertices.slice(1).map(({ name }) => name)).toEqual(["[stage-0 1/1] COPY a /a", "[stage-1 1/1] COPY --from=0 /a /b"]);
  });

  test("variables and quotes are gone", async () => {
    const { vertices } = await planOf(["FROM scratch", "ARG A=1", 'COPY "a"$A /x-$A/', 'RUN echo $A "$UNSET"']);
    expect(vertices.slice(1).map(({ name }) => name)).toEqual(["[1/2] COPY a1 /x-1/", '[2/2] RUN echo 1 "$UNSET"']);
  });

  test.each([
    [["RUN <<EOF", "", "first", "second", "EOF"], "[1/1] RUN <<EOF (first...)"],
    [["RUN cat <<EOF > f", "first", "EOF"], "[1/1] RUN cat <<EOF > f"],
  ])("a script is shown by its first line: %j", async (lines, name) => {
    expect((await planOf(["FROM scratch", ...lines])).vertices.at(-1)?.name).toBe(name);
  });

  test("a stage that builds for another platform shows both", async () => {
    const lines = ["FROM --platform=$BUILDPLATFORM debian:12", "ARG TARGETPLATFORM", "RUN make"];
    const { vertices } = await planOf(lines, { platforms: ["linux/amd64", "linux/arm/v7", "windows/amd64"], build: "linux/amd64" });
    expect(vertices.slice(1).map(({ name }) => name)).toEqual([
      "[linux/amd64 2/2] RUN make",
      "[linux/amd64->arm/v7 2/2] RUN make",
      "[linux/amd64->windows/amd64 2/2] RUN make",
    ]);
  });
});

describe("stages", () => {
  test("only what the target needs is planned, and only its bases are asked for", async () => {
    const lines = ["FROM alpine AS unused", "RUN x", "FROM debian:12 AS base", "FROM base AS wanted", "COPY a /", "FROM nowhere AS later", "RUN y"];
    expect(shown(await planOf(lines, { target: "wanted" }))).toEqual([
      "[base 1/1] FROM docker.io/library/debian:12@… (linux/amd64)",
      "[internal] load build context (linux/amd64)",
      "[wanted 1/1] COPY a / (linux/amd64)",
    ]);
  });

  test("the last of two stages of one name is meant", async () => {
    const { files } = await imageOf(["FROM scratch AS a", "COPY 1 /", "FROM scratch AS a", "COPY 2 /", "COPY 3 /"], { target: "A" });
    expect(files.layers).toHaveLength(2);
  });

  test.each([
    ["biuld", 'did you mean "build"?'],
    ["0", "it has build, final"],
  ])("the target %s is unknown", async (target, hint) => {
    await expect(planOf(["FROM scratch AS build", "FROM scratch AS final"], { target })).rejects.toMatchObject({ code: "stage-unknown", hint });
  });

  test("an image without layers is a base of nothing, but its config counts", async () => {
    const images = { "docker.io/library/empty:latest": { layers: 0, config: { Labels: { a: "b" } } } };
    const { files, config } = await imageOf(["FROM empty"], { images });
    expect(files).toEqual({ layers: [] });
    expect(config.config?.Labels).toEqual({ a: "b" });
  });
});

describe("named contexts", () => {
  const lines = ["FROM debian:12 AS base", "COPY a /a", "FROM base", "COPY --from=src x /x"];
  const plan = (contexts: PlanCase["contexts"], more: PlanCase = {}) => planOf(lines, { contexts: { src: { kind: "files" }, ...contexts }, ...more });

  test("files, taken from", async () => {
    const { vertices } = await plan({});
    const context = vertices.find((vertex) => vertex.kind === "context" && vertex.contextName === "src");
    expect(context?.name).toBe("[context src] load from client");
    expect(needsOf(vertices.at(-1)!)).toEqual([context?.id]);
  });

  test("a folder in a stage's place: nothing of the stage is done", async () => {
    const found = await plan({ base: { kind: "files" } });
    expect(ofKind(found, "image")).toEqual([]);
    const context = ofKind(found, "context").find(({ contextName }) => contextName === "base");
    expect(found.images[0]?.files.base).toBe(context?.id);
    expect(found.images[0]?.files.layers).toHaveLength(1);
    expect(found.images[0]?.config.config).toEqual({ Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] });
  });

  test("an image in a stage's place hands on its config", async () => {
    const images = { "docker.io/library/other:1": { config: { User: "me" } } };
    const found = await plan({ base: { kind: "registry", reference: "docker.io/library/other:1" } }, { images });
    expect(ofKind(found, "image").map(({ name }) => name.replace(/@.*/, ""))).toEqual(["[context base] docker.io/library/other:1"]);
    expect(found.images[0]?.config.config?.User).toBe("me");
  });

  test.each(["debian:12", "docker.io/library/debian:12", "debian:12::linux/amd64"])("in an image's place, named %s", async (name) => {
    const found = await plan({ [name]: { kind: "layout", folder: "./l" } }, { images: { "oci-layout://./l": {} } });
    expect(ofKind(found, "image").map(({ reference }) => reference.replace(/@.*/, ""))).toEqual(["oci-layout://./l"]);
    expect(found.images[0]?.history.map(({ created_by }) => created_by)).toEqual(["COPY a /a # buildkit", "COPY x /x # buildkit"]);
  });

  test.each(["debian", "debian:12::linux/arm64", "scratch", "context"])("%s is in the place of nothing here", async (name) => {
    const found = await plan({ [name]: { kind: "layout", folder: "./l" } });
    expect(ofKind(found, "image").map(({ reference }) => reference.replace(/@.*/, ""))).toEqual(["docker.io/library/debian:12"]);
  });

  test("docker-image://scratch is scratch", async () => {
    const found = await plan({ "debian:12": { kind: "scratch" } });
    expect(found.images[0]?.files.base).toBeUndefined();
  });
});

describe("ONBUILD", () => {
  const images = { "docker.io/library/base:latest": { config: { OnBuild: ["ARG A=1", "COPY . /app", "COPY --from=alpine /etc /e", "ENV B=$A"] } } };

  test("triggers of a base run first, once, and are gone", async () => {
    const lines = ["FROM base AS one", "ENV C=3", "FROM one"];
    const { vertices, images: built } = await planOf(lines, { images });
    expect(built[0]?.config.config?.OnBuild).toBeUndefined();
    expect(built[0]?.config.config?.Env?.slice(1)).toEqual(["B=1", "C=3"]);
    expect(built[0]?.history.map(({ created_by }) => created_by)).toEqual([
      "ARG A=1",
      "COPY . /app # buildkit",
      "COPY /etc /e # buildkit",
      "ENV B=1",
      "ENV C=3",
    ]);
    expect(vertices.map(({ name }) => name)).toContain("[one 2/5] ONBUILD COPY . /app");
    expect(vertices.map(({ kind }) => kind)).toEqual(["image", "image", "context", "copy", "copy"]);
  });

  test("triggers of a stage run in the stage built upon it, not in itself", async () => {
    const lines = ["FROM scratch AS one", "ONBUILD COPY a /a", "FROM one AS two", "FROM two"];
    const { history } = await imageOf(lines);
    expect(history.map(({ created_by }) => created_by)).toEqual(["COPY a /a # buildkit"]);
    expect((await imageOf(lines, { target: "one" })).config.config?.OnBuild).toEqual(["COPY a /a"]);
  });

  test("a here-document in a trigger", async () => {
    const heredoc = { "docker.io/library/base:latest": { config: { OnBuild: ["COPY <<EOF /x\nhello\nEOF"] } } };
    expect(ofKind(await planOf(["FROM base"], { images: heredoc }), "copy")[0]?.sources).toEqual([{ inline: "hello\n", name: "EOF" }]);
  });

  test("what is wrong in a trigger is told at the FROM that brings it", async () => {
    const wrong = { "docker.io/library/base:latest": { config: { OnBuild: ["COYP a b", "COPY --chmod=9 a b", "ONBUILD RUN x"] } } };
    const found = await complaintsOf(["", "FROM base"], { images: wrong });
    expect(found).toEqual([
      expect.stringMatching(/^2:6 dockerfile-syntax the base has the ONBUILD trigger "COYP a b", which cannot be read: /),
      expect.stringMatching(/^2:6 dockerfile-syntax the base has the ONBUILD trigger "ONBUILD RUN x", which cannot be read: /),
      '2:6 dockerfile-semantics --chmod has "9", which is no mode',
    ]);
  });
});

describe("--no-cache", () => {
  const lines = ["FROM scratch AS a", "COPY a /", "FROM scratch AS b", "COPY b /", "COPY --from=a /a /"];
  const marked = (plan: BuildPlan): string[] => plan.vertices.filter(({ noCache }) => noCache).map(({ name }) => name.replace(/.*COPY /, ""));
  test("for all stages, or for some", async () => {
    expect(marked(await planOf(lines))).toEqual([]);
    expect(marked(await planOf(lines, { noCache: true }))).toEqual(["a /", "b /", "--from=a /a /"]);
    expect(marked(await planOf(lines, { noCacheFilter: ["A"] }))).toEqual(["a /"]);
  });
});

describe("what is wrong is told in one go", () => {
  test("of several lines, stages and platforms", async () => {
    const lines = [
      "FROM nowhere AS one",
      "EXPOSE nothing",
      "FROM --platform=linux/amd46 scratch AS two",
      "FROM debian:12 AS three",
      "EXPOSE http",
      "STOPSIGNAL SIGTREM",
      `ENV A=\${B:?needed}`,
      "COPY --chmod=999 a /a",
      "FROM scratch",
      "COPY --from=one /a /",
      "COPY --from=three /a /",
      "COPY --from=two /a /",
      "COPY --from=7 /a /",
      "COPY --from=thre /a /",
    ];
    const found = await complaintsOf(lines, { platforms: ["linux/amd64", "linux/riscv64"] });
    expect(found).toEqual([
      '1:6 registry-not-found "docker.io/library/nowhere:latest" is not there',
      expect.stringMatching(/^3:17 platform-unknown /),
      '4:6 platform-missing "docker.io/library/debian:12" has no image for linux/riscv64; it has linux/amd64, linux/arm64',
      expect.stringMatching(/^5:1 dockerfile-semantics EXPOSE cannot have "http"/),
      '6:1 dockerfile-semantics STOPSIGNAL has "SIGTREM", which is no signal',
      expect.stringMatching(/^7:1 dockerfile-semantics .*needed/),
      '8:14 dockerfile-semantics --chmod has "999", which is no mode',
      "13:13 stage-unknown there is no stage with the number 7",
      '14:13 registry-not-found "docker.io/library/thre:latest" is not there',
    ]);
  });

  test("a platform that cannot be read is told alone: its base is not looked for", async () => {
    expect(await complaintsOf(["FROM --platform=linux/amd46 nowhere", "EXPOSE nothing"])).toEqual([expect.stringMatching(/^1:17 platform-unknown /)]);
    expect(await complaintsOf(["FROM --platform=$NONE nowhere"])).toEqual(['1:17 dockerfile-semantics "$NONE" is empty once its variables are put in']);
  });

  test("what the parser says comes alone: the rest would be guesses", async () => {
    const found = await complaintsOf(["FROM scratch", "COYP a b", "EXPOSE nothing"]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^2:1 dockerfile-syntax/);
  });

  test.each([
    ["a mistyped stage", ["FROM scratch AS builder", "FROM bulider"], 'did you mean the stage "builder"?'],
    ["a stage in capitals", ["FROM scratch AS builder", "FROM Builder"], 'did you mean the stage "builder"?'],
    ["a mistyped stage to copy from", ["FROM scratch AS builder", "FROM scratch", "COPY --from=bilder a /"], 'did you mean the stage "builder"?'],
    ["a mistyped variable", ["ARG BASE=debian", "FROM $BSAE"], "did you mean $BASE?"],
    ["a mistyped signal", ["FROM scratch", "STOPSIGNAL SIGTREM"], "did you mean SIGTERM?"],
    [
      "a platform that the base has not",
      ["FROM debian:12"],
      "build for a platform that it has, name an image that has linux/s390x, or pin the stage with FROM --platform=linux/amd64",
    ],
  ])("%s has a hint", async (_, lines, hint) => {
    const error: unknown = await planOf(lines, { platforms: ["linux/s390x"] }).catch((thrown: unknown) => thrown);
    if (!isProblem(error)) throw error;
    expect(error.message).toContain(`= help: ${hint}`);
  });

  test.each([
    ["FROM itself is an image", ["FROM debian:12 AS a", "FROM a AS b", "COPY --from=b x /", "FROM b"], /^2:6 .*circle: b → b$/],
    ["two that copy from each other", ["FROM scratch AS a", "COPY --from=b x /", "FROM scratch AS b", "COPY --from=a x /"], /circle: a → b → a$/],
    ["by a mount", ["FROM scratch AS a", "RUN --mount=from=b,target=/b x", "FROM a AS b"], /circle: a → b → a$/],
  ])("a circle: %s", async (_, lines, wanted) => {
    expect(await complaintsOf(lines)).toEqual([expect.stringMatching(wanted)]);
  });

  test("an image without an index, for another platform than asked for", async () => {
    const images = { "docker.io/library/bare:latest": { only: "linux/arm64" } };
    const [complaint] = await complaintsOf(["FROM bare"], { images });
    expect(complaint).toMatch(/^1:6 platform-missing ".*" has no image for linux\/amd64; it has linux\/arm64$/);
    expect((await imageOf(["FROM bare"], { images, platforms: ["linux/arm64"] })).files.base).toBeDefined();
  });

  test("what is no problem of the file is thrown as it is", async () => {
    const { planBuild } = await import("./plan-build.ts");
    const { parseDockerfile } = await import("../dockerfile/parse.ts");
    const request = {
      dockerfile: parseDockerfile({ name: "Dockerfile", text: "FROM x\n" }),
      platforms: [],
      buildPlatform: { os: "linux", architecture: "amd64" },
      buildArgs: new Map(),
      labels: new Map(),
      namedContexts: new Map(),
    };
    const bug = new TypeError("a bug");
    await expect(planBuild(request, { images: { resolve: () => Promise.reject(bug) } })).rejects.toBe(bug);
  });
});
