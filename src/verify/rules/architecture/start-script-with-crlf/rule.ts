import { defineImageRule } from "../../../rule.ts";
import { readScriptLine } from "../../../start/script-line.ts";
import { startsOf } from "../../../start/starts.ts";
import { quote } from "../../shown.ts";
import { chainFacts, confidenceOf, oncePerProgram, placeOf, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: { id: "start-script-with-crlf", summary: "the script that a container starts with has Windows' line ends", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      const line = start.what.kind === "script" ? readScriptLine(start.what.line) : undefined;
      if (line?.kind !== "interpreter" || !line.carriageReturn) continue;
      const path = start.path ?? start.asked;
      report({
        message: `the first line of ${path}, "#!${line.interpreter.trimEnd()}${line.argument === undefined ? "" : ` ${line.argument.trimEnd()}`}", ends in a carriage return, which Linux takes for a part of it`,
        at: placeOf(start),
        facts: chainFacts(start),
        cause: `The container ends with ${quote(line.argument === undefined ? `exec ${path}: no such file or directory` : "no such file or directory")}, or with an option that is not known: ${
          line.argument === undefined ? `a program called "${line.interpreter.trimEnd()}\\r" is looked for` : `"${line.argument.trimEnd()}\\r" is handed over`
        }.`,
        remedies: [
          'let Git keep the line ends: "*.sh text eol=lf" in .gitattributes, and check the file out again',
          "take them away when the image is built: RUN sed -i 's/\\r$//' FILE",
        ],
        severity: severityOf(start),
        // Perl and its like overlook it behind an option.
        confidence: line.argument === undefined ? confidenceOf(start) : "likely",
      });
    }
  },
});
