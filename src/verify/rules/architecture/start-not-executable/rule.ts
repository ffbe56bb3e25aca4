import { defineImageRule } from "../../../rule.ts";
import { startsOf } from "../../../start/starts.ts";
import { chainFacts, confidenceOf, named, oncePerProgram, placeOf, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-not-executable",
    summary: "the program that a container starts with has no right to be executed",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      if (start.what.kind !== "not-executable" || start.node === undefined) continue;
      report({
        message: `${named(start)}, but ${start.path ?? start.asked} may be executed by nobody: its mode is ${start.node.mode.toString(8).padStart(4, "0")}`,
        at: placeOf(start),
        facts: chainFacts(start),
        cause:
          'The container ends with "permission denied", for root, too. Files lose the right when they are made on Windows, downloaded, or kept as a build\'s artifact.',
        remedies: ["give it the right when it is copied: COPY --chmod=755", "set it in the repository: git update-index --chmod=+x FILE"],
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});
