import type { ArgInstruction, Dockerfile, FromInstruction, Instruction, Stage } from "../../dockerfile/ast.ts";
import type { FileEdit } from "../../findings/finding.ts";
import { insertLineAfter, insertLineBefore, replaceText } from "./texts.ts";

/** Takes `--platform=…` off a FROM, with the blank behind it; undefined when it has none. */
export function dropPlatform({ file }: Dockerfile, from: FromInstruction): FileEdit | undefined {
  const flag = from.flags.find(({ name }) => name === "platform");
  if (flag === undefined) return undefined;
  const blanks = /^[ \t]*/.exec(file.text.slice(flag.span.end))?.[0].length ?? 0;
  return replaceText({ file, span: { start: flag.span.start, end: flag.span.end + blanks } }, "");
}

/** `--platform=$BUILDPLATFORM` for a FROM that has no platform; undefined where it has one. */
export function onBuildPlatform({ file }: Dockerfile, from: FromInstruction): FileEdit | undefined {
  if (from.platform !== undefined) return undefined;
  const { start } = from.image.span;
  return replaceText({ file, span: { start, end: start } }, "--platform=$BUILDPLATFORM ");
}

/** Takes the default off an argument: `ARG NAME=VALUE` becomes `ARG NAME`. */
export function dropDefault({ file }: Dockerfile, argument: ArgInstruction["args"][number]): FileEdit | undefined {
  if (argument.value === undefined) return undefined;
  return replaceText({ file, span: { start: argument.name.span.end, end: argument.value.span.end } }, "");
}

/** Declares arguments right before an instruction, but those that the stage declares above it. Nothing to do: no edit. */
export function declareBefore({ file }: Dockerfile, stage: Stage, instruction: Instruction, names: readonly string[]): readonly FileEdit[] {
  const missing = names.filter((name) => !declaresAbove(stage, instruction, name));
  return missing.length === 0 ? [] : [insertLineBefore(file, instruction.span.start, `ARG ${missing.join(" ")}`)];
}

/** Declares arguments right behind a stage's FROM, but those that the stage declares. */
export function declareInStage({ file }: Dockerfile, stage: Stage, names: readonly string[]): readonly FileEdit[] {
  const missing = names.filter((name) => !stage.instructions.some((one) => declares(one, name)));
  return missing.length === 0 ? [] : [insertLineAfter(file, stage.from.span.end, `ARG ${missing.join(" ")}`)];
}

const declaresAbove = (stage: Stage, instruction: Instruction, name: string): boolean =>
  stage.instructions.slice(0, stage.instructions.indexOf(instruction)).some((one) => declares(one, name));

const declares = (one: Instruction, name: string): boolean => one.kind === "arg" && one.args.some((argument) => argument.name.text === name);
