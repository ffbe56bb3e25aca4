import { defineImageRule, type ImageTold } from "../../../rule.ts";
import { NESTED_SCRIPTS_LIMIT, readScriptLine } from "../../../start/script-line.ts";
import type { Start } from "../../../start/start.ts";
import { nestedScripts } from "../../../start/start-walk.ts";
import { startsOf } from "../../../start/starts.ts";
import { quote } from "../../shown.ts";
import { chainFacts, confidenceOf, oncePerProgram, placeOf, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-script-without-interpreter",
    summary: "the first line of the script that a container starts with names what is not in the image",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    const starts = startsOf(image);
    // One script that is its own interpreter is several starts of one program.
    for (const start of oncePerProgram(starts.filter(isTooDeep))) report(tooManyScripts(start));
    for (const start of oncePerProgram(starts)) {
      const line = start.what.kind === "script" ? readScriptLine(start.what.line) : undefined;
      if (line === undefined) continue;
      const path = start.path ?? start.asked;
      const missing = missingFor(start, starts);
      if (line.kind === "interpreter" && isTooDeep(start)) continue;
      if (line.kind === "interpreter" && (missing === undefined || line.carriageReturn)) continue;
      const spaced = missing?.role === "wrapped" && /\s/.test(missing.asked);
      report({
        message:
          missing === undefined
            ? `the first line of ${path} begins with "#!" and names no program within the 256 bytes that Linux reads`
            : `${path} is to be run by ${quote(missing.asked)}, which is not in the image`,
        at: placeOf(start),
        facts: missing === undefined ? chainFacts(start) : [...chainFacts(missing), ...chainFacts(start).slice(-1)],
        cause:
          missing === undefined
            ? 'The container ends with "exec format error".'
            : missing.role === "interpreter"
              ? `The container ends with "exec ${path}: no such file or directory", though the script is there: what is missing is the program of its first line.`
              : "The container ends with status 127: env finds no such program.",
        remedies: [
          ...(spaced ? ["let env split the line: #!/usr/bin/env -S"] : []),
          ...(missing !== undefined && /(?:^|\/)bash$/.test(missing.asked) ? ["write the script for /bin/sh, which small images have, or install bash"] : []),
          "name a program that the image has in the script's first line, or install that one in the final stage",
        ],
        severity: severityOf(start),
        confidence: confidenceOf(missing ?? start),
      });
    }
  },
});

const isTooDeep = (start: Start): boolean =>
  start.what.kind === "script" && readScriptLine(start.what.line).kind === "interpreter" && nestedScripts(start) > NESTED_SCRIPTS_LIMIT;

const tooManyScripts = (start: Start): ImageTold => ({
  message: `${start.path ?? start.asked} is the last of more than ${NESTED_SCRIPTS_LIMIT} scripts of which each is run by the next: Linux follows ${NESTED_SCRIPTS_LIMIT}`,
  at: placeOf(start),
  facts: chainFacts(start),
  cause: 'The container ends with "too many levels of symbolic links".',
  remedies: ["name the last interpreter in the first script"],
  severity: severityOf(start),
  confidence: confidenceOf(start),
});

/** The interpreter that is not there, or what `env` as one does not find. */
function missingFor(script: Start, starts: readonly Start[]): Start | undefined {
  const interpreter = starts.find(({ by, role }) => by === script && role === "interpreter");
  if (interpreter?.what.kind === "missing") return interpreter;
  return starts.find(({ by, what }) => interpreter !== undefined && by === interpreter && what.kind === "missing");
}
