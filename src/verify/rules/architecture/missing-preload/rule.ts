import type { MissingLibrary } from "../../../loader/load.ts";
import { architectureText } from "../../../loader/words.ts";
import { defineImageRule } from "../../../rule.ts";
import { quote } from "../../shown.ts";
import { startLoads } from "../loader-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "missing-preload",
    summary: "a library that LD_PRELOAD or /etc/ld.so.preload names is not in the platform's image",
    severity: "warning",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    const told = new Set<string>();
    for (const { load } of startLoads(image)) {
      for (const missing of load.missingPreloads) {
        const { name, neededBy } = missing;
        if (told.has(name)) continue;
        told.add(name);
        report({
          message: `${neededBy} names ${quote(name)}, ${whyNot(missing)}`,
          at: { paths: missing.foreign.map(({ path }) => path) },
          facts: [`${load.path} is started with it`],
          cause:
            load.libc === "musl"
              ? "The loader goes on without the library, and says nothing: what it was to do (another allocator, a fix) is not done on this platform."
              : `The loader goes on without the library: "ERROR: ld.so: object '${name}' from ${neededBy} cannot be preloaded". What it was to do (another allocator, a fix) is not done on this platform, and each program that starts says so.`,
          remedies: [
            "let the path hold for each platform: name the library without its folder, or make a link to it at one path (ln -s /usr/lib/$(uname -m)-linux-gnu/libjemalloc.so.2 /usr/local/lib/)",
            "install the library on this platform, too",
          ],
          confidence: load.whole ? "certain" : "possible",
        });
      }
    }
  },
});

function whyNot({ foreign, refused }: MissingLibrary): string {
  const other = foreign[0]?.binary;
  if (other !== undefined) return `which is for ${architectureText(other)} here`;
  return refused === undefined ? "which is not in the image" : `which the loader does not take: ${refused.says}`;
}
