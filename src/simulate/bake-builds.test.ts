// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL templates
import { describe, expect, test } from "vitest";
import { shownOperation } from "../../test/harness/shown-operations.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { type BakeRequest, bakeBuilds, composeBuilds } from "./bake-builds.ts";
import { createReaders } from "./create-readers.ts";
import { type Hole, NO_TEXTS, OFF, type Text, type Texts } from "./text.ts";

const file = { name: "w.yml", text: "docker buildx bake" };
const place = { file, span: { start: 0, end: 6 } };
const text = (...parts: readonly (string | Hole)[]): Text => ({ parts, place });
const texts = (...items: readonly Text[]): Texts => ({ items, open: false, place });
const HOLE: Hole = { source: "inputs.x", atoms: ["inputs.x"] };

const REQUEST: BakeRequest = {
  through: "docker/bake-action",
  place,
  files: NO_TEXTS,
  directory: "",
  source: undefined,
  gitContext: false,
  targets: NO_TEXTS,
  set: NO_TEXTS,
  variables: new Map(),
  push: OFF,
  load: OFF,
  builder: undefined,
  provenance: undefined,
  sbom: undefined,
  allow: NO_TEXTS,
  onlyAsks: false,
};
const HCL = `
variable "TAG" { default = "1" }
target "docker-metadata-action" {}
target "base" { platforms = ["linux/amd64", "linux/arm64"] }
target "app" {
  inherits = ["docker-metadata-action", "base"]
  context = "sub"
  tags = ["a:\${TAG}"]
  contexts = { lib = "target:lib" }
}
target "lib" { dockerfile = "D" }
group "default" { targets = ["app"] }
`;
const UNKNOWN =
  "platforms=+ tags=+ push=? load=? outputs=+ cacheTo=+ cacheFrom=+ attests=+ annotations=+ labels=+ context=<$@> buildArgs=+ buildContexts=+ secrets=+ allow=+";
const APP = "name=app platforms=linux/amd64,linux/arm64 tags=a:1 context=sub buildContexts=lib=target:lib";
const LIB = "build through=docker/bake-action name=lib file=D context=.";
const LINKED = LIB.replace("name=lib", "name=lib outputs=type=cacheonly");

function bake(files: Readonly<Record<string, string>>, change: Partial<BakeRequest>): { readonly builds: string[]; readonly complaints: string[] } {
  const readers = createReaders(memoryFiles(files));
  const builds = bakeBuilds({ ...REQUEST, ...change }, readers).map(shownOperation);
  return { builds, complaints: readers.complaints.map(({ message, place: at }) => `${at.file.name}: ${message}`) };
}

describe("bakeBuilds", () => {
  test.each<readonly [name: string, files: Readonly<Record<string, string>>, change: Partial<BakeRequest>, builds: readonly string[]]>([
    ["the files that bake looks for", { "docker-bake.hcl": HCL }, {}, [`build through=docker/bake-action ${APP}`, LINKED]],
    [
      "what a linked target gives is not pushed",
      { "docker-bake.hcl": HCL },
      { push: { value: true, atoms: [], place } },
      [`build through=docker/bake-action ${APP.replace(" context", " push=true context")}`, LINKED],
    ],
    [
      "a folder",
      { "x/docker-bake.hcl": HCL },
      { directory: "x", targets: texts(text("lib")) },
      ["build through=docker/bake-action name=lib file=x/D context=x"],
    ],
    [
      "a variable of the environment",
      { "docker-bake.hcl": HCL },
      { variables: new Map([["TAG", text("v", HOLE)]]) },
      [`build through=docker/bake-action ${APP.replace("a:1", "a:v<inputs.x>")}`, LINKED],
    ],
    [
      "overrides",
      { "docker-bake.hcl": HCL },
      { targets: texts(text("lib")), set: texts(text("*.platform=linux/arm64")) },
      [LIB.replace("name=lib", "name=lib platforms=linux/arm64")],
    ],
    [
      "a definition of metadata-action beside it",
      { "docker-bake.hcl": HCL },
      { files: texts(text("cwd://docker-bake.hcl"), text({ source: "steps.meta.outputs.bake-file", atoms: [] })), targets: texts(text("base")) },
      ["build through=docker/bake-action name=base platforms=linux/amd64,linux/arm64 tags=+ annotations=+ labels=+ context=. buildArgs=+"],
    ],
    [
      "a file that nobody knows",
      { "docker-bake.hcl": HCL },
      { files: texts(text("docker-bake.hcl"), text(HOLE)) },
      [`build through=docker/bake-action ${UNKNOWN}`],
    ],
    ["a file that is not there", {}, { files: texts(text("x.hcl")) }, [`build through=docker/bake-action ${UNKNOWN}`]],
    ["no file at all", {}, {}, [`build through=docker/bake-action ${UNKNOWN}`]],
    ["from elsewhere", { "docker-bake.hcl": HCL }, { source: text("https://github.com/a/b.git") }, [`build through=docker/bake-action ${UNKNOWN}`]],
    ["a target that nobody knows", { "docker-bake.hcl": HCL }, { targets: texts(text(HOLE)) }, [`build through=docker/bake-action ${UNKNOWN}`]],
    [
      "a target and one that nobody knows",
      { "docker-bake.hcl": HCL },
      { targets: texts(text("lib"), text(HOLE)) },
      [LIB, `build through=docker/bake-action ${UNKNOWN}`],
    ],
    ["a target that is not there", { "docker-bake.hcl": HCL }, { targets: texts(text("nope")) }, []],
    [
      "a context from elsewhere keeps its Dockerfile",
      { "docker-bake.hcl": 'target "default" {\n context = "https://x.org/a.git"\n dockerfile = "D"\n}' },
      {},
      ["build through=docker/bake-action name=default file=D context=https://x.org/a.git"],
    ],
  ])("%s", (_, files, change, builds) => {
    expect(bake(files, change).builds).toEqual(builds);
  });

  test("mistakes are complained of", () => {
    expect(bake({ "docker-bake.hcl": HCL }, { targets: texts(text("nope")) }).complaints).toEqual(["w.yml: failed to find target nope"]);
    expect(bake({ "docker-bake.hcl": "target {" }, {}).complaints.length).toBeGreaterThan(0);
  });

  test("a build is placed at its target", () => {
    const [app] = bakeBuilds(REQUEST, createReaders(memoryFiles({ "docker-bake.hcl": HCL })));
    expect(app?.place.file.text.slice(app.place.span.start, app.place.span.end)).toContain('target "app"');
  });
});

test.each<readonly [name: string, compose: string, builds: readonly string[]]>([
  [
    "services that build",
    "services:\n  a:\n    image: i\n    build: .\n  b:\n    image: x\n",
    ["build through=docker compose name=a tags=i load=true context=."],
  ],
  [
    "platforms and cache",
    "services:\n  a:\n    build:\n      context: sub\n      dockerfile: D\n      platforms: [linux/arm64]\n      cache_to: [type=gha]\n",
    ["build through=docker compose name=a platforms=linux/arm64 load=true cacheTo=type=gha file=sub/D context=sub"],
  ],
  [
    "what only bake reads",
    "services:\n  a:\n    build:\n      context: .\n      x-bake:\n        platforms: [linux/arm64]\n",
    [`build through=docker compose ${UNKNOWN.replace(" push=?", "")}`],
  ],
])("composeBuilds: %s", (_, compose, builds) => {
  const request = { place, files: NO_TEXTS, directory: "", services: NO_TEXTS, variables: new Map(), push: OFF, builder: undefined };
  expect(composeBuilds(request, createReaders(memoryFiles({ "compose.yml": compose }))).map(shownOperation)).toEqual(builds);
});
