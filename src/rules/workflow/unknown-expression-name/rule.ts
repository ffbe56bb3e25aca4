import type { Complaint } from "../../../core/complaint.ts";
import type { FileEdit } from "../../../findings/finding.ts";
import { remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "unknown-expression-name",
    summary: "an expression names something that is neither a context nor a function, and GitHub refuses the workflow",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["invalid-expression-env"],
  },
  study({ complaints }, report) {
    for (const complaint of complaints) {
      const name = /^unrecognized named-value: "([^"]+)"/.exec(complaint.message)?.[1];
      if (name === undefined) continue;
      report({
        message: `"${name}" in an expression is no context: GitHub refuses the workflow`,
        place: complaint.place,
        key: name,
        log: { tool: "GitHub", lines: [`Unrecognized named-value: '${name}'`] },
        cause: "an expression sees variables, inputs and secrets only through their contexts, such as `env.NAME`; GitHub checks that before it starts any job",
        remedies: [remedy({ title: `write \`env.${name}\``, price: "none" }, [throughEnv(complaint, name)])],
      });
    }
  },
});

/** Where the file gives a variable of that name. */
function throughEnv({ place: { file, span } }: Complaint, name: string): FileEdit | undefined {
  const isGiven = new RegExp(`^\\s*(?:- )?["']?${name}["']?\\s*:`, "m").test(file.text);
  const written = file.text.slice(span.start, span.end);
  const found = isGiven && written.includes("${{") ? [...written.matchAll(new RegExp(`(?<![\\w.'-])${name}(?![\\w'-])`, "g"))] : [];
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  const at = span.start + only.index;
  return replaceText({ file, span: { start: at, end: at } }, "env.");
}
