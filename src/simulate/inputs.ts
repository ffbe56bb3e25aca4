import type { Place } from "../core/span.ts";
import { inputsOfMajor } from "../facts/actions.ts";
import type { Inputs } from "./action-model.ts";
import { listItems } from "./input-list.ts";
import { isMark, marked, unmarked } from "./marked-text.ts";
import { type Hole, knownText, NO_TEXTS, type Switch, type Text, type Texts, textOf } from "./text.ts";

/** One entry of a step's `with`, its expressions filled in. */
export interface GivenInput {
  /** As written. */
  readonly name: string;
  readonly value: Text;
  /** Of the name. */
  readonly place: Place;
}

/** The inputs of a step as its action sees them; `defaults` by lower-case name. The first of two equal names counts. */
export function inputsOf(given: readonly GivenInput[], defaults: ReadonlyMap<string, Text> = new Map()): Inputs {
  const values = new Map<string, GivenInput>();
  for (const input of given) if (!values.has(input.name.toLowerCase())) values.set(input.name.toLowerCase(), input);
  const text = (name: string): Text | undefined => {
    const value = trimmed(values.get(name.toLowerCase())?.value ?? defaults.get(name.toLowerCase()));
    return value === undefined || value.parts.length === 0 ? undefined : value;
  };
  return {
    given: (name) => values.has(name.toLowerCase()),
    text,
    switch: (name, fallback) => {
      const input = values.get(name.toLowerCase());
      const value = text(name);
      if (value === undefined) return { value: input === undefined ? fallback : undefined, atoms: [], place: input?.value.place };
      return { ...switchOf(value), place: input?.value.place };
    },
    list: (name, how = {}) => {
      const value = text(name);
      if (value === undefined) return values.has(name.toLowerCase()) ? { ...NO_TEXTS, place: values.get(name.toLowerCase())?.value.place } : NO_TEXTS;
      return listOf(value, how);
    },
    names: given.map(({ name, place }) => ({ name, place })),
  };
}

/** What an action takes for inputs that a step does not give, by lower-case name; empty for an action nobody has described. `place`: of the `uses`. */
export function defaultInputs(action: string, major: number | undefined, place: Place): ReadonlyMap<string, Text> {
  const defaults = new Map<string, Text>();
  for (const input of inputsOfMajor(action, major) ?? []) {
    if (input.default !== undefined) defaults.set(input.name.toLowerCase(), defaultText(input.default, place));
  }
  return defaults;
}

const EXPRESSION = /^\$\{\{\s*(.*?)\s*\}\}$/s;

/** Defaults with expressions are tokens and the like: unknown. */
function defaultText(value: string, place: Place): Text {
  const expression = EXPRESSION.exec(value)?.[1];
  return expression === undefined ? knownText(value, place) : { parts: [{ source: expression, atoms: [] }], place };
}

/** As `getInput` gives it: without white space around. */
function trimmed(text: Text | undefined): Text | undefined {
  if (text === undefined) return undefined;
  const { string, holes } = marked(text);
  const cut = string.trim();
  return cut === string ? text : unmarked(cut, holes, text.place);
}

const TRUE: ReadonlySet<string> = new Set(["true", "True", "TRUE"]);
const FALSE: ReadonlySet<string> = new Set(["false", "False", "FALSE"]);

/** A text as `getBooleanInput` reads it; a known text that is neither gives an unknown value without atoms (the step fails). */
export function switchOf(text: Text): Switch {
  const value = textOf(text);
  if (value !== undefined) return { value: booleanOf(value), atoms: [], place: text.place };
  const choices = choicesOf(text);
  const [first, ...rest] = choices?.map(booleanOf) ?? [];
  const same = first !== undefined && rest.every((other) => other === first);
  return { value: same ? first : undefined, atoms: same ? [] : atomsOf(text), place: text.place };
}

const booleanOf = (value: string): boolean | undefined => (TRUE.has(value) ? true : FALSE.has(value) ? false : undefined);

/** Everything a text that is one hole can be, where that is known. */
export function choicesOf(text: Text): readonly string[] | undefined {
  const [only, ...more] = text.parts;
  return more.length === 0 && typeof only === "object" && only.choices !== undefined && only.choices.length > 0 ? only.choices : undefined;
}

/** Every atom that a text hangs on. */
export const atomsOf = (text: Text): readonly string[] => [...new Set(text.parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms)))];

/** The items of a list input. A hole that stands alone as an item may be several, or none. */
export function listOf(text: Text, how: { readonly commas?: boolean; readonly comment?: boolean; readonly quotes?: boolean } = {}): Texts {
  const reading = { commas: how.commas ?? true, comment: how.comment ?? false, quotes: how.quotes ?? true };
  const { string, holes } = marked(text);
  const items = listItems(string, reading);
  const several = (hole: Hole | string | undefined): boolean =>
    typeof hole === "object" && !(hole.choices?.every((choice) => listItems(choice, reading).length === 1) ?? false);
  const texts = items.map((item) => unmarked(item, holes, text.place));
  return { items: texts, open: items.some((item, i) => isMark(item) && several(texts[i]?.parts[0])), place: text.place };
}
