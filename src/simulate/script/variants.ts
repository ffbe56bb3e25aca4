import { mayBeMany, type Value } from "../../shell/values.ts";
import type { ValueTexts } from "./value-text.ts";

/** `$FLAGS` of two values is two commands, of five it is anything. */
const MOST_VARIANTS = 8;

/** A command's words for everything that its unquoted variables can be: `docker build $PUSH .` with and without `--push`. The words as they are where that is too much, or nothing varies. */
export function variantsOf(words: readonly Value[], texts: ValueTexts): readonly (readonly Value[])[] {
  let variants: (readonly Value[])[] = [[]];
  for (const value of words) {
    const choices = splits(value, texts);
    if (choices === undefined) {
      variants = variants.map((one) => [...one, value]);
      continue;
    }
    variants = variants.flatMap((one) => choices.map((choice) => [...one, ...choice]));
    if (variants.length > MOST_VARIANTS) return [words];
  }
  return variants;
}

/** What a word falls apart into, for each of its values; undefined for one that stays a word. */
function splits(value: Value, texts: ValueTexts): readonly (readonly Value[])[] | undefined {
  if (!mayBeMany(value) || value.pieces.length !== 1) return undefined;
  const [hole, ...others] = texts.text(value).parts;
  if (others.length > 0 || typeof hole !== "object" || hole.choices === undefined) return undefined;
  const { choices } = hole;
  // Of several names or tags, the hole says more than variants do.
  if (!choices.some((choice) => choice === "" || /^-|\s/.test(choice))) return undefined;
  return choices.map((choice) => (choice.match(/\S+/g) ?? []).map((text): Value => ({ pieces: [{ kind: "text", text }], word: value.word })));
}
