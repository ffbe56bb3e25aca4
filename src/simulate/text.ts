import type { Place } from "../core/span.ts";

/** A text as far as the files tell it, with where it is written. */
export interface Text {
  /** In order; neighbouring known stretches are one; an empty known text has no part. */
  readonly parts: readonly (string | Hole)[];
  readonly place: Place;
}

/** What is not known until the job runs. */
export interface Hole {
  /** As it stands: a workflow expression without braces (`github.sha`, `steps.x.outputs.y`), or shell (`$(git describe)`). */
  readonly source: string;
  /** Atoms (`workflow/expression`) to assume, to get further; empty for shell. */
  readonly atoms: readonly string[];
  /** Everything it can be, when that is known. */
  readonly choices?: readonly string[] | undefined;
}

/** Several texts: the items of a list input or of a repeated flag. */
export interface Texts {
  readonly items: readonly Text[];
  /** True when there may be more (or none of them), because something unknown stands where items could be. */
  readonly open: boolean;
  /** The input or flag itself; undefined when it is not given. */
  readonly place: Place | undefined;
}

/** A switch: an input such as `push`, or a flag. `value` is undefined when it is not known. */
export interface Switch {
  readonly value: boolean | undefined;
  /** Atoms that it hangs on when it is not known. */
  readonly atoms: readonly string[];
  /** Undefined when it is not given: `value` is the default then. */
  readonly place: Place | undefined;
}

export const NO_TEXTS: Texts = { items: [], open: false, place: undefined };
export const OFF: Switch = { value: false, atoms: [], place: undefined };

export const knownText = (text: string, place: Place): Text => ({ parts: text === "" ? [] : [text], place });

/** The whole text, or undefined when a part of it is unknown. */
export function textOf(text: Text | undefined): string | undefined {
  if (text === undefined) return undefined;
  let whole = "";
  for (const part of text.parts) {
    if (typeof part !== "string") return undefined;
    whole += part;
  }
  return whole;
}

/** For people: known stretches as they are, unknown ones as `${{ source }}` or as the shell wrote them. */
export const shownText = (text: Text): string =>
  text.parts.map((part) => (typeof part === "string" ? part : part.source.startsWith("$") ? part.source : `\${{ ${part.source} }}`)).join("");

/** The items that are wholly known. */
export const knownItems = (texts: Texts): readonly string[] => texts.items.flatMap((item) => textOf(item) ?? []);

/** Parts at every `separator` (a text, or a pattern without groups) in known stretches, trimmed; parts that are empty are left out. A hole stays in the item where it stands. */
export function splitText(text: Text, separator: string | RegExp): Text[] {
  const items: (string | Hole)[][] = [[]];
  for (const part of text.parts) {
    if (typeof part !== "string") {
      items.at(-1)?.push(part);
      continue;
    }
    part.split(separator).forEach((stretch, i) => {
      if (i > 0) items.push([]);
      if (stretch !== "") items.at(-1)?.push(stretch);
    });
  }
  return items.flatMap((parts) => {
    const trimmed = trimmedParts(parts);
    return trimmed.length === 0 ? [] : [{ parts: trimmed, place: text.place }];
  });
}

function trimmedParts(parts: readonly (string | Hole)[]): (string | Hole)[] {
  const cut = [...parts];
  const [first] = cut;
  if (typeof first === "string") cut[0] = first.trimStart();
  const last = cut.at(-1);
  if (typeof last === "string") cut[cut.length - 1] = last.trimEnd();
  return cut.filter((part) => part !== "");
}
