import { formatPlatform, parsePlatform } from "../../../core/platform.ts";
import { type Texts, textOf } from "../../../simulate/text.ts";
import { removeListItem } from "../../remedies/list-items.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { wrongPlatform } from "../platform-words.ts";

export const rule = defineRule({
  meta: {
    id: "duplicate-platform",
    summary: "a build asks for the same platform twice",
    severity: "info",
    confidence: "certain",
    fix: "sometimes",
    covers: ["platform-duplicate"],
  },
  build({ build }, report) {
    for (const { first, again, platform } of repeated(build.platforms)) {
      const written = textOf(again) ?? platform;
      const other = textOf(first) ?? platform;
      report({
        message: written === other ? `platform "${written}" is asked for twice` : `platforms "${other}" and "${written}" are the same`,
        place: again.place,
        key: platform,
        log: { tool: "BuildKit", lines: [`Duplicate platform result requested "${platform}"`] },
        cause: "names of platforms are brought to one form before they are compared; the second one builds nothing new",
        remedies: [remedy({ title: `take "${written}" out`, price: "none" }, [removeListItem(again.place, written)])],
      });
    }
  },
});

function repeated({ items }: Texts): { readonly first: Texts["items"][number]; readonly again: Texts["items"][number]; readonly platform: string }[] {
  const seen = new Map<string, Texts["items"][number]>();
  return items.flatMap((item) => {
    const text = textOf(item);
    if (text === undefined || text === "" || text.toLowerCase() === "local" || wrongPlatform(text) !== undefined || !text.includes("/")) return [];
    if (/wasm/i.test(text)) return [];
    const platform = formatPlatform(parsePlatform(text));
    const first = seen.get(platform);
    if (first === undefined) seen.set(platform, item);
    return first === undefined ? [] : [{ first, again: item, platform }];
  });
}
