import type { Span } from "../../core/span.ts";
import type { Outline } from "../outline.ts";

/** One splice: the text that stands in place of a span afterwards. Those of one patch do not overlap. */
export interface Edit extends Span {
  readonly text: string;
}

/** What a patch does to the text, and what the file shall say afterwards. No edits: it says so already. */
export interface Edited {
  readonly edits: readonly Edit[];
  readonly outline: Outline;
}

/** A patch is not made, and why: one sentence, lower-case, no full stop. */
export interface Refusal {
  readonly refused: string;
}

export const refuse = (refused: string): Refusal => ({ refused });

export function isRefusal<T extends object>(outcome: T | Refusal): outcome is Refusal {
  return "refused" in outcome;
}
