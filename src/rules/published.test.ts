import { expect, test } from "vitest";
import type { Text } from "../simulate/text.ts";
import { baseName, namedImage, namesArchitecture } from "./published.ts";

const place = { file: { name: "x.yml", text: "" }, span: { start: 0, end: 0 } };
const hole = (source: string): Text["parts"][number] => ({ source, atoms: [] });

const NAMES: readonly [name: string, parts: Text["parts"], wanted: ReturnType<typeof namedImage>][] = [
  ["a name and a tag", ["ghcr.io/a/b:1"], { repository: "ghcr.io/a/b", tag: "1" }],
  ["no tag", ["a/b"], { repository: "a/b", tag: undefined }],
  ["a port is no tag", ["localhost:5000/b"], { repository: "localhost:5000/b", tag: undefined }],
  ["an unknown tag", ["a/b:", hole("vars.TAG")], { repository: "a/b", tag: `\${{ vars.TAG }}` }],
  ["a colon within a hole is no part of the form", ["a/", hole("x ? 'b:1' : 'c'")], { repository: `a/\${{ x ? 'b:1' : 'c' }}`, tag: undefined }],
  ["an unknown owner", [hole("vars.OWNER"), "/b:1"], { repository: `\${{ vars.OWNER }}/b`, tag: "1" }],
  ["of the shell", ["a/b:", hole("$TAG")], { repository: "a/b", tag: "$TAG" }],
  ["nothing known", [hole("steps.meta.outputs.tags")], undefined],
  ["by digest", ["a/b@", hole("steps.build.outputs.digest")], undefined],
];

test.each(NAMES)("named image: %s", (_name, parts, wanted) => {
  expect(namedImage({ parts, place })).toEqual(wanted);
});

test.each([
  ["quay.io/kuberay/operator", "operator"],
  ["operator", "operator"],
])("last part of %s", (repository, wanted) => {
  expect(baseName(repository)).toBe(wanted);
});

test.each([
  ["app:1-arm64", true],
  ["app-amd64:1", true],
  ["app:linux_arm_v7", true],
  ["app:armv7", true],
  ["app:x86_64", true],
  ["charm/app:1", false],
  ["alarm:latest", false],
  ["farm64house:1", false],
])("%s names an architecture: %s", (name, wanted) => {
  expect(namesArchitecture(name)).toBe(wanted);
});
