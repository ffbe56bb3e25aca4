import { ProblemError } from "../core/problem.ts";

/**
 * A wildcard pattern as a tiny program, run with a memory of what has failed, so that no pattern takes more than
 * (steps × characters) time: a RegExp of the same meaning can take exponential time, and patterns are untrusted.
 */
export type Step =
  | { readonly kind: "one"; readonly test: (character: string) => boolean }
  /** Go on at `first`, and where that fails at `second`. */
  | { readonly kind: "either"; readonly first: number; readonly second: number }
  | { readonly kind: "jump"; readonly to: number }
  /** Goes on where the place between two characters (undefined at the ends) is right. */
  | { readonly kind: "between"; readonly test: (before: string | undefined, after: string | undefined) => boolean }
  | { readonly kind: "accept" };

export type Program = readonly Step[];

/** Steps × characters of one match: 16 MB of memory at most. */
const MOST_STATES = 1 << 24;

/** A run over one text; `characters` are code points. */
export class WildcardRun {
  readonly #program: Program;
  readonly #characters: readonly string[];
  readonly #seen: Uint8Array;

  /** @throws {ProblemError} `limit-exceeded` */
  constructor(program: Program, characters: readonly string[]) {
    const states = program.length * (characters.length + 1);
    if (states > MOST_STATES) {
      throw new ProblemError("limit-exceeded", {
        message: `a pattern of ${program.length} steps over a text of ${characters.length} characters is more than we match`,
        hint: "shorten the pattern or the value",
      });
    }
    this.#program = program;
    this.#characters = characters;
    this.#seen = new Uint8Array(states);
  }

  /** Where the match that begins at `start` ends (the first one in the program's order of preference), or -1. */
  endOf(start: number): number {
    const touched: number[] = [];
    const stack: number[] = [start * this.#program.length];
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (this.#seen[state] === 1) continue;
      this.#seen[state] = 1;
      touched.push(state);
      const at = Math.floor(state / this.#program.length);
      const step = this.#program[state % this.#program.length] as Step;
      const base = state - (state % this.#program.length);
      if (step.kind === "accept") {
        // What led here has not failed: forget it, or a later search from another start would take it for a failure.
        for (const one of touched) this.#seen[one] = 0;
        return at;
      }
      if (step.kind === "jump") stack.push(base + step.to);
      else if (step.kind === "either") stack.push(base + step.second, base + step.first);
      else if (step.kind === "between") {
        if (step.test(this.#characters[at - 1], this.#characters[at])) stack.push(state + 1);
      } else if (at < this.#characters.length && step.test(this.#characters[at] as string)) stack.push(state + this.#program.length + 1);
    }
    return -1;
  }
}
