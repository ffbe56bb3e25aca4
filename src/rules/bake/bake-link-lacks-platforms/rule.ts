import { actionLine } from "../../../facts/buildx.ts";
import { knownItems, type Text, type Texts, textOf } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "bake-link-lacks-platforms",
    summary: "a bake target is made from another one that is not built for all of its platforms",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["bake-linked-target-platforms"],
  },
  build(at, report) {
    const { build, event } = at;
    if (build.through !== "docker/bake-action" && build.through !== "docker buildx bake") return;
    const wanted = severalOf(build.platforms);
    if (wanted === undefined) return;
    for (const context of build.buildContexts.items) {
      const target = /^[^=]+=target:(.+)$/.exec(textOf(context) ?? "")?.[1];
      const other = target === undefined ? undefined : besides(at, target);
      const had = other && severalOf(other.platforms);
      if (other === undefined || had === undefined || wanted.every((one) => had.includes(one))) continue;
      const missing = wanted.filter((one) => !had.includes(one));
      // As Go prints lists, and with the two in the order in which Buildx has them.
      const line = `ERROR: target ${target} can't be used by ${build.name ?? ""} because its platforms [${wanted.join(" ")}] are not a subset of [${had.join(" ")}]`;
      report({
        message: `target "${target}" is not built for ${missing.join(", ")}, and "${build.name ?? ""}" is made from it for ${missing.length === 1 ? "that" : "those"} too`,
        place: context.place,
        key: build.name ?? "",
        confidence: event.sure ? "certain" : "likely",
        facts: [platformsAt(build.name, build.platforms), platformsAt(target, other.platforms)],
        log: { tool: "docker buildx bake", lines: build.through === "docker/bake-action" ? [line, actionLine(build.through, line)] : [line] },
        cause: "each platform of a target needs the same platform of what it is made from: bake looks at the two lists before it builds anything",
        remedies: [advice("let both inherit their platforms from one target", "what is made only to build from is built for more platforms")],
      });
    }
  },
});

/** As written: that is how Buildx compares them. It looks only where both have more than one. */
function severalOf(platforms: Texts): readonly string[] | undefined {
  const known = knownItems(platforms);
  return platforms.open || known.length < platforms.items.length || known.length < 2 ? undefined : known;
}

const besides = ({ event, trace }: BuildEvent, target: string): BuildEvent["build"] | undefined =>
  trace.events.find((other): other is BuildEvent["event"] => isBuildEvent(other) && other.step === event.step && other.operation.name === target)?.operation;

const platformsAt = (name: string | undefined, { items, place }: Texts): { sentence: string; place: Text["place"] | undefined } => ({
  sentence: `"${name ?? ""}" is for ${items.flatMap((item) => textOf(item) ?? []).join(", ")}`,
  place: place ?? items[0]?.place,
});
