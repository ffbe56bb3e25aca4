import { describe, expect, test } from "vitest";
import { complaintText } from "../core/complaint.ts";
import type { Dockerfile, Stage } from "./ast.ts";
import { parseDockerfile } from "./parse.ts";
import { baseStage, needsOf, reachableStages, stageComplaints, stageMeant, stageNamed, targetStage } from "./stages.ts";

const read = (text: string): Dockerfile => parseDockerfile({ name: "Dockerfile", text });
const stage = (file: Dockerfile, index: number): Stage => file.stages[index] as Stage;

const FILE = read(`FROM golang AS build
FROM build AS Test
FROM alpine AS tools
FROM scratch AS unused
COPY --from=test /x /
FROM scratch
COPY --from=build /a /
COPY --from=2 /b /
COPY --from=nginx /c /
RUN --mount=from=TEST,target=/t true
`);

test("stages are found by name, number and as a base", () => {
  expect([stageNamed(FILE, "TEST")?.index, stageMeant(FILE, "2")?.index, stageMeant(FILE, "9"), stageMeant(FILE, "nginx")]).toEqual([
    1,
    2,
    undefined,
    undefined,
  ]);
  expect([baseStage(FILE, stage(FILE, 1), "build")?.index, baseStage(FILE, stage(FILE, 0), "build"), baseStage(FILE, stage(FILE, 4), "Test")]).toEqual([
    0,
    undefined,
    undefined,
  ]);
  const twice = read("FROM a AS x\nFROM x AS x\nFROM x");
  expect([stageNamed(twice, "x")?.index, baseStage(twice, stage(twice, 1), "x")?.index, baseStage(twice, stage(twice, 2), "x")?.index]).toEqual([1, 0, 1]);
});

test("needs and reach", () => {
  expect(needsOf(FILE, stage(FILE, 4)).map((need) => [need.how, need.stage.index])).toEqual([
    ["copy", 0],
    ["copy", 2],
    ["mount", 1],
  ]);
  expect(reachableStages(FILE, stage(FILE, 4)).map(({ index }) => index)).toEqual([0, 1, 2, 4]);
  expect(reachableStages(FILE, stage(FILE, 1)).map(({ index }) => index)).toEqual([0, 1]);
});

test("a base that is a variable is what the caller says it is", () => {
  const file = read("FROM a AS one\nFROM b AS two\nFROM $X\n");
  expect(reachableStages(file, stage(file, 2), ({ index }) => (index === 2 ? "two" : "")).map(({ index }) => index)).toEqual([1, 2]);
});

describe("targetStage", () => {
  test("is the last when none is named", () => {
    expect([targetStage(FILE, undefined).index, targetStage(FILE, "").index, targetStage(FILE, "Build").index]).toEqual([4, 4, 0]);
  });
  test.each([
    [FILE, "tols", "did you mean tools?"],
    [FILE, "production", "its stages are build, test, tools, unused"],
    [read("FROM a"), "x", "name a stage with FROM … AS NAME"],
  ])("an unknown one is a problem with a hint", (file, name, hint) => {
    expect(() => targetStage(file, name)).toThrow(expect.objectContaining({ code: "stage-unknown", hint, message: `Dockerfile has no stage named "${name}"` }));
  });
});

test.each([
  ["sound", "FROM a AS x\nFROM x AS y\nCOPY --from=x a b\nCOPY --from=0 a b", []],
  ["a number that no stage has", "FROM a\nFROM b\nCOPY --from=7 c d", ["Dockerfile:3:13: there is no stage 7"]],
  ["itself", "FROM a AS x\nCOPY --from=x c d", ['Dockerfile:2:13: stage "x" needs itself']],
  [
    "a circle",
    "FROM a AS x\nCOPY --from=y c d\nFROM x AS y",
    ['Dockerfile:2:13: stage "x" needs "y", which needs it in turn', 'Dockerfile:3:6: stage "y" needs "x", which needs it in turn'],
  ],
  ["a circle that the target does not need", "FROM a AS x\nRUN --mount=from=x,target=/t y\nFROM b", ['Dockerfile:2:13: stage "x" needs itself']],
  ["defined below", "FROM a AS x\nFROM b AS y\nCOPY --from=z c d\nFROM c AS z\nFROM y", ['Dockerfile:3:13: stage "z" is defined below "y", which needs it']],
  ["defined below, but not needed", "FROM a AS x\nCOPY --from=y c d\nFROM b AS y", []],
])("complaints: %s", (_name, text, expected) => {
  const file = read(text);
  expect(stageComplaints(file, targetStage(file, undefined)).map((one) => complaintText(one).split("\n")[0])).toEqual(expected);
});
