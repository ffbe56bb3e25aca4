import type { Span } from "../../../core/span.ts";
import type { Instruction, Stage } from "../../../dockerfile/ast.ts";
import { stageMeant } from "../../../dockerfile/stages.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { architectureWords, choosesArchitecture } from "../architecture-words.ts";
import { givenNames } from "../constants.ts";
import { commandAt, isConditional, MOST_PLACES, runScript } from "../run-script.ts";

/** A place that tells a compiler for which architecture to compile. */
export interface CompilerTarget {
  readonly instruction: Instruction;
  /** Of the value. */
  readonly span: Span;
  readonly value: string;
  readonly architecture: string;
  /** `GOARCH`, `--target`, … */
  readonly by: string;
  /** It decides by itself: the program is for that architecture, and no other. */
  readonly decides: boolean;
}

/** Variables that compilers read. */
const VARIABLES = new Set(["GOARCH", "CARGO_BUILD_TARGET", "npm_config_arch", "NPM_CONFIG_ARCH", "DOTNET_RUNTIME_IDENTIFIER", "CMAKE_SYSTEM_PROCESSOR"]);

interface Pattern {
  readonly by: string;
  /** Its first group is the value. */
  readonly value: RegExp;
  /** What the command has to hold. */
  readonly command: RegExp;
  readonly decides: boolean;
}

const PATTERNS: readonly Pattern[] = [
  { by: "GOARCH", value: /\bGOARCH=["']?(\w+)/g, command: /./, decides: true },
  { by: "CARGO_BUILD_TARGET", value: /\bCARGO_BUILD_TARGET=["']?([\w-]+)/g, command: /./, decides: true },
  { by: "--target", value: /\s--target[= ]["']?([\w-]+)/g, command: /\b(?:cargo|cross)\s+(?:\+\S+\s+)?(?:build|install|zigbuild|rustc|b)\b/, decides: true },
  { by: "--target", value: /\s--targets?[= ]["']?([\w.-]+)/g, command: /\b(?:bun\s+build|deno\s+compile|pkg|swift\s+build)\b/, decides: true },
  { by: "--runtime", value: /\s(?:-r|--runtime|-a|--arch)[= ]["']?((?:linux-(?:musl-)?)?\w+)/g, command: /\bdotnet\s+(?:publish|build)\b/, decides: false },
  { by: "-march", value: /\s-march=(x86-64(?:-v\d)?|armv\d[\w.+-]*)/g, command: /./, decides: false },
];

/** Those that a stage writes down. A file that has several of a kind for several architectures chooses among them: it has none. */
export function compilerTargets(use: DockerfileUse, stage: Stage): readonly CompilerTarget[] {
  const targets = stage.instructions.flatMap((instruction) => targetsIn(use, stage, instruction));
  return targets.filter((one) => targets.every((other) => other.architecture === one.architecture));
}

function targetsIn(use: DockerfileUse, stage: Stage, instruction: Instruction): readonly CompilerTarget[] {
  if (instruction.kind === "run") return instruction.command.shell ? inScript(use, stage, instruction) : [];
  if (instruction.kind === "env") {
    return instruction.pairs.flatMap(({ key, value }) => (VARIABLES.has(key.text) ? named(instruction, key.text, value.text, value.span) : []));
  }
  if (instruction.kind !== "arg") return [];
  const given = givenNames(use);
  return instruction.args.flatMap(({ name, value }) =>
    value === undefined || !VARIABLES.has(name.text) || given === "any" || given.has(name.text) ? [] : named(instruction, name.text, value.text, value.span),
  );
}

function named(instruction: Instruction, by: string, text: string, span: Span): readonly CompilerTarget[] {
  const [word, ...others] = architectureWords(text);
  return word === undefined || others.length > 0 || text.includes("$")
    ? []
    : [{ instruction, span, value: text.replace(/["']/g, ""), architecture: word.architecture, by, decides: true }];
}

function inScript(use: DockerfileUse, stage: Stage, instruction: Instruction & { readonly kind: "run" }): readonly CompilerTarget[] {
  const { text, start } = runScript(use.dockerfile, instruction);
  if (choosesArchitecture(text)) return [];
  return PATTERNS.flatMap(({ by, value, command, decides }) =>
    [...text.matchAll(value)].slice(0, MOST_PLACES).flatMap((match): CompilerTarget[] => {
      const found = match[1] as string;
      const [word] = architectureWords(found.replaceAll("_", (_, i: number) => (found.slice(i - 3, i + 3).includes("x86_64") ? "_" : "-")));
      const at = match.index + match[0].length - found.length;
      if (word === undefined || !command.test(commandAt(text, at)) || !isTaken(use, stage, commandAt(text, at))) return [];
      const span = { start: start + at, end: start + at + found.length };
      return [{ instruction, span, value: found, architecture: word.architecture, by, decides: decides && !isConditional(text, at) }];
    }),
  );
}

/** Whether what a command writes (`-o PATH`) becomes part of another stage, or the stage is not copied from: else it may be a tool of the stage itself. */
function isTaken({ dockerfile }: DockerfileUse, stage: Stage, command: string): boolean {
  const output = /\s(?:-o|--outfile|--output)[= ]["']?([^\s"']+)/.exec(command)?.[1];
  const copies = dockerfile.stages.flatMap(({ instructions }) => instructions.flatMap((one) => (one.kind === "copy" && one.from !== undefined ? [one] : [])));
  const sources = copies
    .filter(({ from }) => stageMeant(dockerfile, from?.text ?? "") === stage)
    .flatMap((one) => one.sources.map(({ text }) => text.replace(/\/$/, "")));
  if (output === undefined || sources.length === 0) return true;
  const file = output.slice(output.lastIndexOf("/") + 1);
  return sources.some(
    (source) => source.endsWith(file) || output.startsWith(`${source}/`) || /[*?$]/.test(source) || !source.startsWith("/") || !output.startsWith("/"),
  );
}
