// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are a Dockerfile's.
import { describe, expect, test } from "vitest";
import { madeStudy, NOWHERE, textsOf, withBuild } from "../../test/harness/made-study.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { formatPlatform } from "../core/platform.ts";
import { createReaders } from "../simulate/create-readers.ts";
import type { Build } from "../simulate/operation.ts";
import { knownText } from "../simulate/text.ts";
import { takenImages } from "./base-image-use.ts";
import { dockerfileUses } from "./dockerfile-use.ts";

const WORKFLOW = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n";
const BOTH = { platforms: textsOf("linux/amd64", "linux/arm64") };
const DIGEST = `sha256:${"a".repeat(64)}`;

/** `how reference: platforms`, `*` behind those that the result is built upon. */
function taken(dockerfile: string, asked: Partial<Build> = BOTH): readonly string[] {
  const study = withBuild(madeStudy(WORKFLOW, { build: [{ scenario: "push main" }] }), asked);
  const [use] = dockerfileUses(study, createReaders(memoryFiles({ Dockerfile: dockerfile })));
  if (use === undefined) throw new Error("no Dockerfile");
  return takenImages(use).map(
    ({ how, reference, by }) => `${how} ${reference}: ${by.map(({ platform, final }) => `${formatPlatform(platform)}${final ? "*" : ""}`).join(" ")}`,
  );
}

describe("names", () => {
  const cases: Record<string, { file: string; asked?: Partial<Build>; is: readonly string[] }> = {
    "in full, with the default tag": { file: "FROM a\n", is: ["from docker.io/library/a:latest: linux/amd64* linux/arm64*"] },
    "of a registry, with tag and digest": { file: `FROM ghcr.io/a/b:1@${DIGEST}\n`, is: [`from ghcr.io/a/b:1@${DIGEST}: linux/amd64* linux/arm64*`] },
    "by global arguments": { file: "ARG V=1\nARG B=a:$V\nFROM ${B}-slim\n", is: ["from docker.io/library/a:1-slim: linux/amd64* linux/arm64*"] },
    "by an argument that is given": {
      file: "ARG B=a\nFROM $B\n",
      asked: { ...BOTH, buildArgs: textsOf("B=b:2") },
      is: ["from docker.io/library/b:2: linux/amd64* linux/arm64*"],
    },
    "by an argument whose value is unknown": { file: "ARG B=a\nFROM $B\n", asked: { ...BOTH, buildArgs: textsOf("B") }, is: [] },
    "by an argument that may be given": { file: "ARG B=a\nFROM $B\n", asked: { ...BOTH, buildArgs: { items: [], open: true, place: NOWHERE } }, is: [] },
    "by nothing": { file: "ARG B\nFROM $B\n", is: [] },
    "that are none": { file: "FROM a/B\n", is: [] },
    "by the platform": {
      file: "FROM a-$TARGETARCH\n",
      is: ["from docker.io/library/a-amd64:latest: linux/amd64*", "from docker.io/library/a-arm64:latest: linux/arm64*"],
    },
    "by the builder's": { file: "FROM a-$BUILDARCH\n", is: [] },
    scratch: { file: "FROM scratch\nCOPY --from=scratch / /\n", is: [] },
  };
  for (const [name, { file, asked, is }] of Object.entries(cases)) test(name, () => expect(taken(file, asked)).toEqual(is));
});

describe("which stages", () => {
  const cases: Record<string, { file: string; asked?: Partial<Build>; is: readonly string[] }> = {
    "those that are needed": {
      file: "FROM a AS x\nFROM b AS y\nFROM c\nCOPY --from=y / /\n",
      is: ["from docker.io/library/b:latest: linux/amd64 linux/arm64", "from docker.io/library/c:latest: linux/amd64* linux/arm64*"],
    },
    "the one below the last": { file: "FROM a AS x\nFROM x\n", is: ["from docker.io/library/a:latest: linux/amd64* linux/arm64*"] },
    "of the target": {
      file: "FROM a AS x\nFROM b\n",
      asked: { ...BOTH, stage: knownText("x", NOWHERE) },
      is: ["from docker.io/library/a:latest: linux/amd64* linux/arm64*"],
    },
    "of an unknown target: none": { file: "FROM a\n", asked: { ...BOTH, stage: { parts: [{ source: "matrix.x", atoms: [] }], place: NOWHERE } }, is: [] },
    "one for each platform": {
      file: "FROM a AS x-amd64\nFROM b AS x-arm64\nFROM x-$TARGETARCH\n",
      is: ["from docker.io/library/a:latest: linux/amd64*", "from docker.io/library/b:latest: linux/arm64*"],
    },
    "of a platform that is written down": { file: "FROM --platform=linux/s390x a\n", is: ["from docker.io/library/a:latest: linux/s390x* linux/s390x*"] },
    "of a platform that is none": { file: "FROM --platform=$X a\n", is: [] },
    "images that files are taken from": {
      file: "FROM scratch\nCOPY --from=a / /\nCOPY --from=0 / /\nCOPY --from=$X / /\nRUN --mount=from=b,target=/x true\n",
      is: ["copy docker.io/library/a:latest: linux/amd64 linux/arm64", "mount docker.io/library/b:latest: linux/amd64 linux/arm64"],
    },
    "not one that a named context replaces": {
      file: "FROM a AS x\nFROM b\nCOPY --from=x / /\n",
      asked: { ...BOTH, buildContexts: textsOf("x=./y", "b:latest=docker-image://c") },
      is: [],
    },
    "none where any context may be given": { file: "FROM a\n", asked: { ...BOTH, buildContexts: { items: [], open: true, place: NOWHERE } }, is: [] },
    "none of what is only asked": { file: "FROM a\n", asked: { ...BOTH, onlyAsks: true }, is: [] },
  };
  for (const [name, { file, asked, is }] of Object.entries(cases)) test(name, () => expect(taken(file, asked)).toEqual(is));
});
