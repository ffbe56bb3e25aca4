import { posix } from "node:path";
import type { Place } from "../../core/span.ts";
import { mayBeMany, type Piece, type Value } from "../../shell/values.ts";
import { type Hole, type Switch, splitText, type Text, type Texts } from "../text.ts";
import { WORKSPACE_HOLE, workspacePath } from "../workspace-path.ts";
import type { Holes } from "./holes.ts";
import type { Places } from "./scalar-places.ts";

/** Where the checkout is taken to be when a script asks; it comes out as a path of the workspace again, or as a hole. */
export const WORKSPACE = "/github/workspace";

/** Makes the shell's values texts of the simulation, with their places. */
export class ValueTexts {
  readonly #holes: Holes;
  readonly #places: Places;
  readonly #expression: (source: string) => Text | undefined;
  /** Variables of loops whose round is known: what each holds. */
  readonly #rounds: ReadonlyMap<string, string>;

  constructor(holes: Holes, places: Places, expression: (source: string) => Text | undefined, rounds: ReadonlyMap<string, string>) {
    this.#holes = holes;
    this.#places = places;
    this.#expression = expression;
    this.#rounds = rounds;
  }

  place(value: Value): Place {
    return this.#places(value.word.span);
  }

  text(value: Value): Text {
    return this.pieces(value.pieces, this.place(value));
  }

  optional(value: Value | undefined): Text | undefined {
    return value === undefined ? undefined : this.text(value);
  }

  pieces(pieces: readonly Piece[], place: Place): Text {
    const parts: (string | Hole)[] = [];
    const add = (part: string | Hole): void => {
      const last = parts.at(-1);
      if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
      else if (part !== "") parts.push(part);
    };
    for (const piece of pieces) for (const part of this.#partsOf(piece)) add(part);
    return { parts: parts.flatMap((part) => (typeof part === "string" ? withoutWorkspace(part) : [part])), place };
  }

  #partsOf(piece: Piece): readonly (string | Hole)[] {
    if (piece.kind === "text") return [piece.text];
    const { expression, variable, source, choices } = piece;
    const round = variable === undefined ? undefined : this.#rounds.get(variable);
    if (round !== undefined) return [round];
    if (expression !== undefined) {
      const hole = this.#holes.hole(expression);
      if (hole !== undefined) return [hole];
      const make = /^makefile (.*)$/.exec(expression)?.[1];
      if (make !== undefined) return [{ source: `$(${make})`, atoms: [] }];
      return this.#expression(expression)?.parts ?? [{ source: expression, atoms: [] }];
    }
    return [{ source, atoms: [], ...(choices === undefined ? {} : { choices }) }];
  }

  /** Values of a flag, one text each. */
  texts(values: readonly Value[], open = false): Texts {
    const [first] = values;
    return { items: values.map((value) => this.text(value)), open, place: first && this.place(first) };
  }

  /** Words of a command: a variable without quotes, of which nothing is known, may be many. */
  words(values: readonly Value[], open = false): Texts {
    const all = this.texts(values, open);
    return { ...all, open: open || values.some((value, i) => mayBeMany(value) && isHidden(all.items[i] as Text)) };
  }

  /** Values of a flag that takes several between commas: a hole that stands alone may be several. */
  list(values: readonly Value[], open = false): Texts {
    const [first] = values;
    const items = values.flatMap((value) => splitText(this.text(value), ","));
    return { items, open: open || items.some(mayHoldCommas), place: first && this.place(first) };
  }

  /** A path of a command as one of the workspace; addresses, absolute paths and `-` stay. */
  path(value: Value, directory: string | undefined): Text {
    return workspacePath(this.text(value), directory);
  }

  switch(value: boolean | undefined, at: Place): Switch {
    return { value, atoms: [], place: value === false ? undefined : at };
  }
}

const isHidden = ({ parts }: Text): boolean => parts.some((part) => typeof part !== "string" && part.choices === undefined) && typeof parts[0] !== "string";

const mayHoldCommas = ({ parts }: Text): boolean => {
  const [only] = parts;
  if (parts.length !== 1 || only === undefined || typeof only === "string") return false;
  return only.choices?.every((choice) => choice !== "" && !choice.includes(",")) !== true;
};

function withoutWorkspace(text: string): readonly (string | Hole)[] {
  if (!text.includes(WORKSPACE)) return [text];
  return text
    .split(WORKSPACE)
    .flatMap((stretch, i): (string | Hole)[] => (i === 0 ? [stretch] : [WORKSPACE_HOLE, stretch]))
    .filter((part) => part !== "");
}

/** A directory that a script is in, as one of the workspace ("" is the workspace itself); undefined when it is unknown. */
export function directoryIn(directory: string | undefined, from: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  const path = directory === WORKSPACE ? "." : directory.startsWith(`${WORKSPACE}/`) ? directory.slice(WORKSPACE.length + 1) : directory;
  if (posix.isAbsolute(path)) return path;
  if (directory.startsWith(WORKSPACE)) return plain(path);
  return from === undefined ? undefined : plain(posix.join(from, path));
}

const plain = (path: string): string => {
  const normal = posix.normalize(path).replace(/(.)\/$/, "$1");
  return normal === "." ? "" : normal;
};
