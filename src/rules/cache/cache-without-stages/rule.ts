import type { Stage } from "../../../dockerfile/ast.ts";
import { shownText } from "../../../simulate/text.ts";
import type { StageUse } from "../../dockerfile-use.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { dockerfileOf } from "../../same-build.ts";
import { type CacheEntry, cacheEntries } from "../cache-entries.ts";
import { addCacheField } from "../cache-inputs.ts";

export const rule = defineRule({
  meta: {
    id: "cache-without-stages",
    summary: "the cache of a build with several stages holds the last one alone",
    severity: "info",
    confidence: "certain",
    fix: "sometimes",
    covers: ["cache-mode-min"],
  },
  build(at, report) {
    const entries = cacheEntries(at.build.cacheTo);
    const [entry] = entries;
    if (entry === undefined || entries.length < at.build.cacheTo.items.length || at.build.cacheTo.open || !entries.every(isMin)) return;
    const lost = lostStages(at.stages ?? []);
    const [first] = lost;
    if (first === undefined) return;
    const names = lost.map(({ name, index }) => `"${name ?? index}"`);
    report({
      message: `"${shownText(entry.text)}" keeps the steps of the last stage alone: those of other stages run again each time`,
      place: entry.text.place,
      key: at.build.name ?? "",
      facts: [
        {
          sentence: `${dockerfileOf(at) ?? "the Dockerfile"} has RUN instructions in ${names.join(", ")}, of which the last stage takes files`,
          place: undefined,
        },
      ],
      cause:
        "without mode=max a cache export holds the steps of the final stage only: what other stages compiled is not in it, and compiling is what takes long",
      remedies: [remedyOf(at, entry)],
    });
  },
});

const KINDS = new Set(["gha", "registry", "local", "s3", "azblob", "inline"]);
const isMin = ({ type, fields, open, certain }: CacheEntry): boolean =>
  certain && KINDS.has(type) && !open && (type === "inline" || !fields.has("mode") || fields.get("mode") === "min");

/** Stages with a RUN whose steps are not in the last stage's image. */
function lostStages(uses: readonly StageUse[]): readonly Stage[] {
  const final = uses.find((use) => use.final)?.stage;
  if (final === undefined) return [];
  const kept = new Set<Stage>();
  for (let stage: Stage | undefined = final; stage !== undefined && !kept.has(stage); ) {
    kept.add(stage);
    const image: string = stage.from.image.text.toLowerCase();
    stage = uses.map((use) => use.stage).find(({ name }) => name !== undefined && name.toLowerCase() === image);
  }
  return uses.flatMap(({ stage, instructions }) => (!kept.has(stage) && instructions.some(({ kind }) => kind === "run") ? [stage] : []));
}

function remedyOf(at: BuildEvent, { type }: CacheEntry): ReturnType<typeof remedy> {
  const price = "the cache takes more room, and its export more time";
  if (type === "inline") return advice("export the cache to a registry or to GitHub with mode=max, for an inline cache knows no other mode", price);
  const title = "add mode=max to `cache-to`";
  return at.build.cacheTo.items.length > 1 ? advice(title, price) : remedy({ title, price }, [addCacheField(at.event.step, "to", "mode=max")]);
}
