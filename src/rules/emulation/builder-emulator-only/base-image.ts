import { isProblem } from "../../../core/problem.ts";
import type { Dockerfile, Stage } from "../../../dockerfile/ast.ts";
import { baseStage } from "../../../dockerfile/stages.ts";
import { expandWord } from "../../../dockerfile/words.ts";
import type { Build } from "../../../simulate/operation.ts";
import { textOf } from "../../../simulate/text.ts";
import type { BuildEvent } from "../../rule.ts";

/** The image that a stage is of, through the stages that it builds on; undefined where that is not known. */
export function baseImageOf(stage: Stage, { build, dockerfile }: BuildEvent): string | undefined {
  if (dockerfile === undefined) return undefined;
  const variables = variablesOf(dockerfile, build);
  let at = stage;
  for (let i = 0; i <= dockerfile.stages.length; i++) {
    const image = variables && expanded(at.from.image.text, variables, dockerfile);
    if (image === undefined) return undefined;
    const base = baseStage(dockerfile, at, image);
    if (base === undefined) return image;
    at = base;
  }
  return undefined;
}

/** Undefined where arguments may be given that nobody knows. */
function variablesOf(file: Dockerfile, build: Build): ReadonlyMap<string, string> | undefined {
  if (build.buildArgs.open || build.buildContexts.items.length > 0 || build.buildContexts.open) return undefined;
  const given = new Map<string, string>();
  for (const item of build.buildArgs.items) {
    const text = textOf(item);
    const [name = "", ...rest] = (text ?? "").split("=");
    if (text === undefined || rest.length === 0) return undefined;
    given.set(name, rest.join("="));
  }
  const variables = new Map<string, string>();
  for (const { name, value } of file.globalArgs.flatMap(({ args }) => args)) {
    const text = given.get(name.text) ?? (value === undefined ? undefined : expanded(value.text, variables, file));
    if (text !== undefined) variables.set(name.text, text);
  }
  return variables;
}

function expanded(text: string, variables: ReadonlyMap<string, string>, file: Dockerfile): string | undefined {
  try {
    const { value } = expandWord(text, variables, file.directives);
    return value === "" ? undefined : value;
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}
