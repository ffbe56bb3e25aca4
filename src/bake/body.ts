import type { Place } from "../core/span.ts";
import type { Expression } from "./expression.ts";

/** What a bake file or a block of it holds, in the file's order: one form for HCL, JSON and compose. */
export interface BakeBody {
  readonly attributes: readonly BakeAttribute[];
  readonly blocks: readonly BakeBlock[];
}

export interface BakeAttribute {
  readonly name: string;
  readonly value: Expression;
  /** Of name and value together. */
  readonly place: Place;
}

export interface BakeBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: BakeBody;
  /** The first line up to its brace; in JSON the key. */
  readonly place: Place;
}
