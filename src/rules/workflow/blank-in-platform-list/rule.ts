import type { Place } from "../../../core/span.ts";
import type { FileEdit } from "../../../findings/finding.ts";
import { remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "blank-in-platform-list",
    summary: "a blank behind a comma of --platform, where the shell begins another word",
    severity: "error",
    confidence: "certain",
    fix: "always",
    covers: ["platform-cli-space"],
  },
  build({ build, event }, report) {
    if (build.through !== "docker buildx build" && build.through !== "docker build") return;
    const { file, span } = build.place;
    const found = LIST.exec(file.text.slice(span.start, span.end));
    if (found === null) return;
    const [, flag = "", list = "", blank = "", next = ""] = found;
    const at = span.start + found.index + flag.length + list.length;
    const place: Place = { file, span: { start: at, end: at + blank.length + next.length } };
    report({
      message: `a blank parts "${next}" from the platforms before it, and the command takes it for its build context`,
      place,
      key: next,
      confidence: event.sure && event.step.runs === "yes" ? "certain" : "likely",
      log: { tool: build.through, lines: ["ERROR: docker: 'docker buildx build' requires 1 argument"] },
      cause: "the shell parts words at blanks, so that --platform gets what stands before it, and the rest is an argument of its own",
      remedies: [remedy({ title: "take the blank out", price: "none" }, [without(place, blank)])],
    });
  },
});

/** Not within quotes: there the blank is part of a platform's name. */
const LIST = /(--platform(?:=|\s+))([\w./]+(?:,[\w./]+)*,)([ \t]+(?:\\\r?\n[ \t]*)?)([a-z]\w*\/[\w./]+)/;

const without = ({ file, span }: Place, blank: string): FileEdit => replaceText({ file, span: { start: span.start, end: span.start + blank.length } }, "");
