import type { Span } from "../core/span.ts";
import type { Dockerfile, Instruction, Stage } from "../dockerfile/ast.ts";
import { baseStage } from "../dockerfile/stages.ts";

/** What BuildKit gives each build, to stages that declare it with ARG. */
export const PLATFORM_VARIABLES = [
  "TARGETPLATFORM",
  "TARGETOS",
  "TARGETARCH",
  "TARGETVARIANT",
  "BUILDPLATFORM",
  "BUILDOS",
  "BUILDARCH",
  "BUILDVARIANT",
] as const;
export type PlatformVariable = (typeof PLATFORM_VARIABLES)[number];

/** A place where a platform variable is read. */
export interface VariableUse {
  readonly variable: PlatformVariable;
  readonly instruction: Instruction;
  /** From the `$` to the name's (or brace's) end. */
  readonly span: Span;
  /** What is taken when it is unset: of `${TARGETARCH:-x}` the `x`. */
  readonly fallback: string | undefined;
  /** Declared before, in the stage or in one it builds on, by ARG or ENV. */
  readonly declared: boolean;
}

const READ = /\$(?:(\w+)|\{(\w+)(?::?-((?:[^{}$]|\$\{[^}]*\}|\$\([^)]*\)|\$)*))?[^}]*\})/g;
/** Their words are read when a container runs, where no ARG is. */
const AT_RUN_TIME: ReadonlySet<Instruction["kind"]> = new Set(["cmd", "entrypoint", "healthcheck", "onbuild", "shell", "arg", "maintainer"]);

/** Where a stage reads the variables that BuildKit gives. What a RUN's script sets itself, escapes or only comments on is left out. */
export function platformVariableUses(file: Dockerfile, stage: Stage): readonly VariableUse[] {
  const declared = new Set(inheritedNames(file, stage));
  const uses: VariableUse[] = [];
  for (const instruction of stage.instructions) {
    if (!AT_RUN_TIME.has(instruction.kind) && !isExecForm(instruction)) uses.push(...usesIn(file, instruction, declared));
    for (const name of namesOf(instruction)) declared.add(name);
  }
  return uses;
}

/** Names that ARG and ENV of a stage's bases define, the stage's own left out. */
function inheritedNames(file: Dockerfile, stage: Stage): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (of: Stage): void => {
    for (const name of of.instructions.flatMap(namesOf)) names.add(name);
  };
  let lowest = stage;
  for (let base = baseStage(file, stage, stage.from.image.text); base !== undefined; base = baseStage(file, base, base.from.image.text)) {
    add(base);
    lowest = base;
  }
  // Which stage a variable names is for the build to say: any above it may be meant.
  if (lowest.from.image.text.includes("$")) for (const other of file.stages.slice(0, lowest.index)) add(other);
  return names;
}

function namesOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === "arg") return instruction.args.map(({ name }) => name.text);
  return instruction.kind === "env" ? instruction.pairs.map(({ key }) => key.text) : [];
}

/** Nothing expands the words of an exec form. */
const isExecForm = (instruction: Instruction): boolean => instruction.kind === "run" && !instruction.command.shell;

function usesIn(file: Dockerfile, instruction: Instruction, declared: ReadonlySet<string>): readonly VariableUse[] {
  const text = withoutComments(file.file.text.slice(instruction.span.start, instruction.span.end));
  const inScript = instruction.kind === "run" ? setInScript(text) : new Set<string>();
  const verbatim = verbatimIn(file, instruction, text);
  return [...text.matchAll(READ)].flatMap((match) => {
    const name = match[1] ?? match[2];
    const variable = PLATFORM_VARIABLES.find((one) => one === name);
    if (variable === undefined || inScript.has(variable) || isEscaped(text, match.index, file.directives.escape) || verbatim(match.index)) return [];
    const start = instruction.span.start + match.index;
    return [{ variable, instruction, span: { start, end: start + match[0].length }, fallback: match[3], declared: declared.has(variable) }];
  });
}

/** Where nothing is expanded: in a script's single quotes, and in the body of a COPY's or ADD's here-document whose delimiter is quoted. */
function verbatimIn({ file }: Dockerfile, instruction: Instruction, text: string): (index: number) => boolean {
  if (instruction.kind === "copy" || instruction.kind === "add") {
    const bodies = instruction.heredocs.filter(({ expand }) => !expand).map(({ span }) => span);
    return (index) => bodies.some(({ start, end }) => start <= instruction.span.start + index && instruction.span.start + index < end);
  }
  // The shell of a here-document may be any program, and `sh -c '…'` expands what it is given.
  if (instruction.kind !== "run" || instruction.heredocs.length > 0 || /\s-\w*c\s+'/.test(file.text.slice(instruction.span.start, instruction.span.end)))
    return () => false;
  let quoted: Uint8Array | undefined;
  return (index) => {
    quoted ??= singleQuoted(text);
    return quoted[index] === 1;
  };
}

/** For each character of a script, 1 where it stands in single quotes. */
function singleQuoted(text: string): Uint8Array {
  const marks = new Uint8Array(text.length);
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (quote === "'") marks[at] = 1;
    if (sign === "\\" && quote !== "'") at++;
    else if (quote === "" && (sign === "'" || sign === '"')) quote = sign;
    else if (sign === quote) quote = "";
  }
  return marks;
}

/** Comment lines blanked, so that every offset stays. */
const withoutComments = (text: string): string => text.replace(/^[ \t]*#[^\n]*/gm, (comment) => " ".repeat(comment.length));

function setInScript(text: string): ReadonlySet<string> {
  const assigned = [...text.matchAll(/(?:^|[\s;&|(])(?:export\s+|local\s+|readonly\s+)?(\w+)\+?=/g)].map((match) => match[1] as string);
  const read = [...text.matchAll(/\b(?:for|read(?:\s+-\w+)*)\s+(\w+)/g)].map((match) => match[1] as string);
  return new Set([...assigned, ...read]);
}

function isEscaped(text: string, at: number, escaping: string): boolean {
  let before = 0;
  while (at - before - 1 >= 0 && (text[at - before - 1] === escaping || text[at - before - 1] === "\\")) before++;
  return before % 2 === 1;
}
