import { describe, expect, test } from "vitest";
import type { ArgInstruction, Dockerfile, Instruction, Stage } from "../../dockerfile/ast.ts";
import { parseDockerfile } from "../../dockerfile/parse.ts";
import type { FileEdit } from "../../findings/finding.ts";
import { applyFix } from "../../fix/apply.ts";
import { declareBefore, declareInStage, dropDefault, dropPlatform, onBuildPlatform } from "./dockerfile-edits.ts";

const edited = (text: string, make: (file: Dockerfile, stage: Stage) => readonly (FileEdit | undefined)[]): string | undefined => {
  const dockerfile = parseDockerfile({ name: "Dockerfile", text });
  const edits = make(dockerfile, dockerfile.stages[0] as Stage).filter((edit) => edit !== undefined);
  if (edits.length === 0) return undefined;
  const made = applyFix({ with: undefined, safety: "safe", edits }, () => text);
  return "texts" in made ? [...made.texts][0]?.[1] : made.refused;
};
const last = (stage: Stage): Instruction => stage.instructions.at(-1) as Instruction;

describe("a stage's platform", () => {
  const drop = (text: string): string | undefined => edited(text, (file, stage) => [dropPlatform(file, stage.from)]);
  test("is taken away with the blank behind it", () => expect(drop("FROM  --platform=$BUILDPLATFORM a AS b\r\nRUN x\r\n")).toBe("FROM  a AS b\r\nRUN x\r\n"));
  test("none to take away", () => expect(drop("FROM a\n")).toBeUndefined());
  const pin = (text: string): string | undefined => edited(text, (file, stage) => [onBuildPlatform(file, stage.from)]);
  test("is the builder's", () => expect(pin("FROM a AS b\n")).toBe("FROM --platform=$BUILDPLATFORM a AS b\n"));
  test("is there already", () => expect(pin("FROM --platform=linux/amd64 a\n")).toBeUndefined());
});

describe("an argument", () => {
  const drop = (text: string): string | undefined =>
    edited(text, (file, stage) => [dropDefault(file, (stage.instructions[0] as ArgInstruction).args.at(-1) as ArgInstruction["args"][number])]);
  test("loses its default", () => expect(drop('FROM a\nARG A=1 B="two"\n')).toBe("FROM a\nARG A=1 B\n"));
  test("has none", () => expect(drop("FROM a\nARG A\n")).toBeUndefined());
  const declared = (text: string): string | undefined => edited(text, (file, stage) => declareBefore(file, stage, last(stage), ["A", "B"]));
  test("is declared before an instruction, but what is declared above", () => expect(declared("FROM a\nARG B\nRUN x\n")).toBe("FROM a\nARG B\nARG A\nRUN x\n"));
  test("is declared by all above", () => expect(declared("FROM a\nARG A B\nRUN x\n")).toBeUndefined());
  test("is declared behind FROM", () =>
    expect(edited("FROM a\nRUN x\n", (file, stage) => declareInStage(file, stage, ["A", "B"]))).toBe("FROM a\nARG A B\nRUN x\n"));
});
