import { defineImageRule } from "../../../rule.ts";
import { startsOf } from "../../../start/starts.ts";
import { quote } from "../../shown.ts";
import { chainFacts, confidenceOf, named, oncePerProgram, placeOf, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-not-permitted",
    summary: "the image's USER may not execute the program that a container starts with",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      if (start.what.kind !== "not-permitted") continue;
      report({
        message: `${named(start)}, which USER ${quote(start.what.user)} may not execute: ${start.what.why}`,
        at: placeOf(start),
        facts: chainFacts(start),
        cause: 'The container ends with "permission denied". Root could run it, so that a test as root does not show it.',
        remedies: start.what.why.startsWith("the folder ")
          ? [
              "copy it to a folder that every user may enter, such as /usr/local/bin",
              "let another line make the folder: a number in COPY --chmod holds for the folders that COPY makes, too; --chmod=a+rX does not take the right to enter them",
            ]
          : ["give the right to all when it is copied: COPY --chmod=755", "copy it as the user's: COPY --chown=USER"],
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});
