// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are a Dockerfile's.
import { describe, expect, test } from "vitest";
import { madeStudy, NOWHERE, textsOf, withBuild } from "../../test/harness/made-study.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { formatPlatform } from "../core/platform.ts";
import { createReaders } from "../simulate/create-readers.ts";
import type { Build } from "../simulate/operation.ts";
import { knownText, type Text } from "../simulate/text.ts";
import { type DockerfileUse, dockerfileUses } from "./dockerfile-use.ts";

const WORKFLOW = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n";

const uses = (asked: Partial<Build>, files: Readonly<Record<string, string>>, others: readonly string[] = []): readonly DockerfileUse[] =>
  dockerfileUses(withBuild(madeStudy(WORKFLOW, { build: [{ scenario: "push main" }] }), asked), createReaders(memoryFiles(files)), others);

const text = (value: string): Text => knownText(value, NOWHERE);
const unknown: Text = { parts: [{ source: "matrix.x", atoms: [] }], place: NOWHERE };

describe("which Dockerfile", () => {
  const files = { Dockerfile: "FROM a\n", "app/Dockerfile": "FROM b\n", "app/Dockerfile.prod": "FROM c\n", "app/Containerfile": "FROM d\n" };
  const cases: Record<string, { asked: Partial<Build>; is: string[] }> = {
    "the context's, where none is named": { asked: {}, is: ["Dockerfile"] },
    "of a folder": { asked: { context: text("./app/"), gitContext: false }, is: ["app/Dockerfile"] },
    "named, from the workspace": { asked: { context: text("app"), gitContext: false, file: text("./app/Dockerfile.prod") }, is: ["app/Dockerfile.prod"] },
    "of a folder of the git context": { asked: { context: text("{{defaultContext}}:app") }, is: ["app/Dockerfile"] },
    "named in a folder of the git context": { asked: { context: text("{{defaultContext}}:app"), file: text("Dockerfile.prod") }, is: ["app/Dockerfile.prod"] },
    "a Containerfile first, for podman": { asked: { through: "podman", context: text("app"), gitContext: false }, is: ["app/Containerfile"] },
    "of an unknown folder: none": { asked: { context: unknown, gitContext: false }, is: [] },
    "of an unknown name: none": { asked: { file: unknown }, is: [] },
    "of another repository: none": { asked: { context: text("https://github.com/a/b.git"), gitContext: false }, is: [] },
    "above the repository: none": { asked: { context: text(".."), gitContext: false }, is: [] },
    "from standard input: none": { asked: { file: text("-") }, is: [] },
    "that is not there: none": { asked: { file: text("Dockerfile.nowhere") }, is: [] },
    "that stands in a bake file": {
      asked: { inline: { ...text("FROM e\n"), place: { ...NOWHERE, file: { name: "bake.hcl", text: "" } } } },
      is: ["bake.hcl#dockerfile-inline"],
    },
  };
  for (const [name, { asked, is }] of Object.entries(cases)) test(name, () => expect(uses(asked, files).map(({ path }) => path)).toEqual(is));
  test("others, where they are asked for", () => {
    expect(uses({}, files, ["app/Dockerfile"]).map(({ path, builds }) => [path, builds.length])).toEqual([
      ["Dockerfile", 1],
      ["app/Dockerfile", 0],
    ]);
  });
});

describe("platforms", () => {
  const platforms = (asked: Partial<Build>): readonly string[] | undefined => uses(asked, { Dockerfile: "FROM a\n" })[0]?.platforms.map(formatPlatform);
  test("normalized and sorted", () =>
    expect(platforms({ platforms: textsOf("linux/arm64/v8", "linux/x86_64", "linux/arm64") })).toEqual(["linux/amd64", "linux/arm64"]));
  test("the runner's, where none is asked for", () => expect(platforms({})).toEqual(["linux/amd64"]));
  test("what is no platform is left out", () => expect(platforms({ platforms: textsOf("linux/amd64", "nonsense/a/b/c/d") })).toEqual(["linux/amd64"]));
  test("none, where they are unknown", () => expect(platforms({ platforms: { items: [], open: true, place: NOWHERE } })).toEqual([]));
});

describe("where a stage runs", () => {
  const stages = (dockerfile: string, asked: Partial<Build> = {}): readonly string[] | undefined =>
    uses(asked, { Dockerfile: dockerfile })[0]?.stages.map(
      ({ stage, runsOn, constant, final }) =>
        `${stage.name ?? stage.index}: ${runsOn}${constant === undefined ? "" : ` ${formatPlatform(constant)}`}${final ? ", last" : ""}`,
    );
  const cases: Record<string, { file: string; asked?: Partial<Build>; is: string[] }> = {
    "the builder's and the target's": {
      file: "FROM --platform=$BUILDPLATFORM go AS b\nFROM x\nCOPY --from=b /a /a\n",
      is: ["b: build", "1: target, last"],
    },
    "with braces and a default": { file: "FROM --platform=${BUILDPLATFORM:-linux/amd64} go\n", is: ["0: build, last"] },
    "put together": { file: "FROM --platform=linux/$BUILDARCH go\n", is: ["0: build, last"] },
    "of the target, said": { file: "FROM --platform=$TARGETPLATFORM go\n", is: ["0: target, last"] },
    "written down": { file: "FROM --platform=linux/aarch64 go\n", is: ["0: constant linux/arm64, last"] },
    "by an argument's default": { file: "ARG P=linux/arm64\nFROM --platform=$P go\n", is: ["0: constant linux/arm64, last"] },
    "by an argument that the build gives": {
      file: "ARG P=linux/arm64\nFROM --platform=$P go\n",
      asked: { buildArgs: textsOf("P=linux/amd64") },
      is: ["0: constant linux/amd64, last"],
    },
    "by an argument that may be given": {
      file: "ARG P=linux/arm64\nFROM --platform=$P go\n",
      asked: { buildArgs: { items: [], open: true, place: NOWHERE } },
      is: ["0: unknown, last"],
    },
    "a default shadows the builder's": { file: "ARG BUILDPLATFORM=linux/amd64\nFROM --platform=$BUILDPLATFORM go\n", is: ["0: constant linux/amd64, last"] },
    "as the stage it builds on": { file: "FROM --platform=$BUILDPLATFORM go AS b\nFROM b AS c\n", is: ["b: build", "c: build, last"] },
    "only stages that are needed": { file: "FROM a AS unused\nFROM b\n", is: ["1: target, last"] },
    "only what the target needs": { file: "FROM a AS one\nFROM b AS two\n", asked: { stage: text("one") }, is: ["one: target, last"] },
    "all, of an unknown target": { file: "FROM a AS one\nFROM b AS two\n", asked: { stage: unknown }, is: ["one: target", "two: target"] },
    "a base by an argument": { file: "ARG B=one\nFROM --platform=$BUILDPLATFORM a AS one\nFROM $B\n", is: ["one: build", "1: build, last"] },
  };
  for (const [name, { file, asked, is }] of Object.entries(cases)) test(name, () => expect(stages(file, asked)).toEqual(is));
});
