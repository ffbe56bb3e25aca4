import type { Place } from "../../../core/span.ts";
import type { Fact, FileEdit, Remedy } from "../../../findings/finding.ts";
import { knownItems, type Text, textOf } from "../../../simulate/text.ts";
import { replaceListItem } from "../../remedies/list-items.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { type WrongPlatform, wrongPlatform } from "../platform-words.ts";

export const rule = defineRule({
  meta: {
    id: "unknown-platform",
    summary: "a build asks for a platform whose name nobody knows",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["platform-name-wrong"],
  },
  build({ build, event }, report) {
    // Podman and Buildah have words of their own.
    if (["podman", "buildah", "goreleaser", "other"].includes(build.through)) return;
    for (const item of build.platforms.items) {
      const text = textOf(item);
      const wrong = text === undefined || text === "" ? undefined : wrongPlatform(text);
      if (text === undefined || wrong === undefined) continue;
      report({
        message: messageOf(text, wrong),
        place: item.place,
        key: text,
        confidence: event.sure && event.step.runs === "yes" ? "certain" : "likely",
        facts: factsOf(item, build.place),
        log: wrong.said === undefined ? undefined : { tool: build.through, lines: [`ERROR: failed to build: ${wrong.said}`] },
        cause: causeOf(wrong),
        remedies: [remedyOf(item, text, wrong, knownItems(build.platforms))],
      });
    }
  },
});

function messageOf(text: string, { problem, meant }: WrongPlatform): string {
  const said = problem.code === "platform-unknown" ? problem.message : `"${text}" is not a platform`;
  if (meant === undefined) return said;
  return `${said}; did you mean "${meant.join(",")}"?`;
}

const factsOf = (item: Text, build: Fact["place"]): readonly Fact[] =>
  build === undefined || (item.place.file === build.file && item.place.span.start === build.span.start)
    ? []
    : [{ sentence: "this asks for the build", place: build }];

function causeOf({ said }: WrongPlatform): string {
  return said === undefined
    ? "a name of two parts is not compared with what exists: the build goes on, and finds no base image for the platform, or makes an image of an architecture that no machine has"
    : "Buildx reads the names of all platforms before it builds, and stops at one that it cannot read";
}

function remedyOf({ place }: Text, text: string, { meant, sure }: WrongPlatform, others: readonly string[]): Remedy {
  if (/(?<!\$)\{\{/.test(text)) return remedy({ title: "write `$` in front of `{{ }}`", price: "none" }, [dollarIn(place)]);
  if (meant === undefined || meant.some((one) => others.includes(one))) {
    return advice("write the platform as os/arch or os/arch/variant, such as linux/arm64 or linux/arm/v7", "none");
  }
  return remedy({ title: `write "${meant.join(",")}"`, price: "none", safety: sure ? "safe" : "unsafe" }, [replaceListItem(place, text, meant.join(","))]);
}

/** In front of the only braces that have none. */
function dollarIn(place: Place): FileEdit | undefined {
  const { file, span } = place;
  const [first, ...others] = [...file.text.slice(span.start, span.end).matchAll(/(?<!\$)\{\{/g)];
  const at = span.start + (first?.index ?? 0);
  return first === undefined || others.length > 0 ? undefined : replaceText({ file, span: { start: at, end: at } }, "$");
}
