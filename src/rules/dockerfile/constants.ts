import { remembered } from "../../core/remembered.ts";
import type { Span } from "../../core/span.ts";
import type { Dockerfile, Instruction, Stage, Word } from "../../dockerfile/ast.ts";
import { baseStage } from "../../dockerfile/stages.ts";
import type { DockerfileUse } from "../dockerfile-use.ts";

/** A value that a variable has in every build. */
export interface Constant {
  readonly value: string;
  /** Where it stands. */
  readonly span: Span;
}

/**
 * The variables of a stage that are the same in every build: ENV, and ARG defaults where no build gives another value. What hangs on a variable itself
 * is left out. Holds what a stage inherits; `add` takes in one instruction after the other.
 */
export class Constants {
  readonly #use: DockerfileUse;
  readonly #values = new Map<string, Constant>();
  readonly #globals: ReadonlyMap<string, Word>;
  /** The stages that the stage builds on, the lowest first. */
  readonly bases: readonly Stage[];

  constructor(use: DockerfileUse, stage: Stage) {
    this.#use = use;
    const globals = use.dockerfile.globalArgs.flatMap(({ args }) =>
      args.flatMap(({ name, value }): [string, Word][] => (value === undefined ? [] : [[name.text, value]])),
    );
    this.#globals = new Map(globals);
    this.bases = basesOf(use.dockerfile, stage);
    for (const base of this.bases) for (const instruction of base.instructions) this.add(instruction);
  }

  get(name: string): Constant | undefined {
    return this.#values.get(name);
  }

  add(instruction: Instruction): void {
    if (instruction.kind === "env") for (const { key, value } of instruction.pairs) set(this.#values, key.text, value.text, value.span);
    if (instruction.kind !== "arg") return;
    const given = givenNames(this.#use);
    for (const { name, value } of instruction.args) {
      const text = value ?? this.#globals.get(name.text);
      if (given === "any" || given.has(name.text) || text === undefined) this.#values.delete(name.text);
      else set(this.#values, name.text, text.text, text.span);
    }
  }
}

/** The stages that a stage builds on, the lowest first. */
function basesOf(file: Dockerfile, stage: Stage): readonly Stage[] {
  const bases: Stage[] = [];
  for (let base = baseStage(file, stage, stage.from.image.text); base !== undefined; base = baseStage(file, base, base.from.image.text)) bases.push(base);
  return bases.reverse();
}

function set(constants: Map<string, Constant>, name: string, text: string, span: Span): void {
  const value = text.replace(/^(["'])(.*)\1$/s, "$2");
  if (/[$`]/.test(value)) constants.delete(name);
  else constants.set(name, { value, span });
}

/** Arguments that some build gives. */
export const givenNames: (use: DockerfileUse) => ReadonlySet<string> | "any" = remembered(readGivenNames);

function readGivenNames(use: DockerfileUse): ReadonlySet<string> | "any" {
  const names = new Set<string>();
  let any = false;
  for (const { build } of use.builds) {
    if (build.buildArgs.open) any = true;
    for (const { parts } of build.buildArgs.items) {
      const [head] = parts;
      if (typeof head !== "string") any = true;
      else names.add(head.split("=")[0] as string);
    }
  }
  return any ? "any" : names;
}
