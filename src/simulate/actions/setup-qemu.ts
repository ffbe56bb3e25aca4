import { parsePlatform } from "../../core/platform.ts";
import type { ActionModel } from "../action-model.ts";
import { type Texts, textOf } from "../text.ts";
import { outcome } from "./asked.ts";

/** Registers emulators in the machine's kernel, by the image of tonistiigi/binfmt. */
export const setupQemu: ActionModel = {
  uses: ["docker/setup-qemu-action"],
  model: ({ inputs, place }) =>
    outcome([{ kind: "install-emulators", place, architectures: architecturesOf(inputs.list("platforms")), image: inputs.text("image") }]),
};

/** What `binfmt --install` makes of a list: words of architectures, or whole platforms. */
export function architecturesOf(list: Texts): readonly string[] | "all" | undefined {
  if (list.items.length === 0 && !list.open) return "all";
  const words: string[] = [];
  for (const item of list.items) {
    const word = textOf(item);
    if (word === undefined) return undefined;
    if (word === "all") return "all";
    const architecture = architectureOf(word);
    if (!words.includes(architecture)) words.push(architecture);
  }
  return list.open ? undefined : words;
}

function architectureOf(word: string): string {
  // `arm/v7` is no platform, and yet what people write.
  const [first = "", ...rest] = word.split("/");
  for (const text of [word, rest.length > 0 ? `linux/${word}` : word, first]) {
    try {
      return parsePlatform(text).architecture;
    } catch {
      // Not this way.
    }
  }
  return word.toLowerCase();
}
