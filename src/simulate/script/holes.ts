import type { Piece } from "../../shell/values.ts";
import type { Hole, Text } from "../text.ts";

/** Written in place of the hole, where a text has to go through a Makefile: no workflow expression looks so. */
const NAME = /^hole ([0-9]+)$/;

/** The holes of texts that are given to shells and makes, so that they come out of them as they went in. */
export class Holes {
  readonly #all: Hole[] = [];

  /** For the shell's reader. */
  piecesOf(text: Text): readonly Piece[] {
    return text.parts.map(
      (part): Piece =>
        typeof part === "string"
          ? { kind: "text", text: part }
          : { kind: "unknown", source: shown(part), expression: this.#name(part), choices: part.choices, many: false },
    );
  }

  /** For make, which hands on what stands in braces. */
  markedText(text: Text): string {
    return text.parts.map((part) => (typeof part === "string" ? part : `\${{ ${this.#name(part)} }}`)).join("");
  }

  /** The hole that an expression stands for, if it does. */
  hole(expression: string): Hole | undefined {
    const number = NAME.exec(expression)?.[1];
    return number === undefined ? undefined : this.#all[Number(number)];
  }

  #name(hole: Hole): string {
    let at = this.#all.indexOf(hole);
    if (at === -1) at = this.#all.push(hole) - 1;
    return `hole ${at}`;
  }
}

const shown = ({ source }: Hole): string => (source.startsWith("$") ? source : `\${{ ${source} }}`);
