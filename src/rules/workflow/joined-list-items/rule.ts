import type { Place } from "../../../core/span.ts";
import type { FileEdit, Prediction, Severity } from "../../../findings/finding.ts";
import { shownText, type Text, type Texts } from "../../../simulate/text.ts";
import { remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "joined-list-items",
    summary: "several items of a list are read as one, because they are joined by a blank or comma that does not part them",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["platforms-list-vs-newline"],
  },
  build({ build, event }, report) {
    if (build.through !== "docker/build-push-action" && build.through !== "docker/bake-action") return;
    const isSure = event.sure && event.step.runs === "yes";
    const tell = (input: string, item: Text, joinedBy: "a blank" | "a comma", told?: { readonly severity: Severity; readonly log: Prediction }): void =>
      report({
        message: `"${shorten(shownText(item))}" is one item of "${input}": ${joinedBy} does not part items there`,
        place: item.place,
        key: input,
        severity: told?.severity ?? "warning",
        confidence: told !== undefined && isSure ? "certain" : "likely",
        log: told?.log,
        cause:
          joinedBy === "a blank"
            ? "the action parts this input at line ends; a block that begins with > has none, for YAML makes blanks of them"
            : "the action parts this input at line ends alone, for commas belong to its items",
        remedies: [remedy({ title: `write "${input}" as a block with |, one item a line`, price: "none" }, [asLines(item.place)])],
      });
    for (const item of build.tags.items) {
      const text = written(item);
      if (/\S\s+\S/.test(text))
        tell("tags", item, "a blank", {
          severity: "error",
          log: { tool: build.through, lines: [`ERROR: failed to build: invalid tag "${shownText(item)}": invalid reference format`] },
        });
    }
    for (const item of build.buildArgs.items) {
      const text = written(item);
      if (/^[A-Z_][A-Z0-9_]*=[^,\s=]*\s+[A-Z_][A-Z0-9_]*=/.test(text)) tell("build-args", item, "a blank");
      else if (/^[A-Z_][A-Z0-9_]*=[^,\s=]*,\s*[A-Z_][A-Z0-9_]*=/.test(text)) tell("build-args", item, "a comma");
    }
    for (const [input, list] of [
      ["cache-to", build.cacheTo],
      ["cache-from", build.cacheFrom],
      ["outputs", build.outputs],
    ] as readonly (readonly [string, Texts])[]) {
      for (const item of list.items) {
        const text = written(item);
        if (/(?:^|,)type=[^,\s]*(?:,[^,\s]*)*,\s*type=/.test(text)) tell(input, item, "a comma");
        else if (/(?:^|,)type=\S*\s+type=/.test(text)) tell(input, item, "a blank");
      }
    }
  },
});

/** What is not known has neither blanks nor commas, as far as anyone can say. */
const written = ({ parts }: Text): string => parts.map((part) => (typeof part === "string" ? part : "_")).join("");

const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}…`);

/** A folded block as one that keeps its lines. */
function asLines({ file, span }: Place): FileEdit | undefined {
  return file.text[span.start] === ">" ? replaceText({ file, span: { start: span.start, end: span.start + 1 } }, "|") : undefined;
}
