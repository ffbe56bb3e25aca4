import { defineImageRule } from "../../../rule.ts";
import { startsOf } from "../../../start/starts.ts";
import { chainFacts, confidenceOf, named, oncePerProgram, placeOf, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: { id: "start-is-folder", summary: "what ENTRYPOINT, CMD or HEALTHCHECK names is a folder", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      if (start.what.kind !== "folder") continue;
      const inside = image.files?.children((start.path ?? "").slice(1)) ?? [];
      const name = start.asked.slice(start.asked.lastIndexOf("/") + 1);
      report({
        message: `${named(start)}, which is a folder: ${start.path ?? start.asked}`,
        at: placeOf(start),
        facts: chainFacts(start),
        cause: "A folder cannot be executed. COPY of one file to a place that ends in a slash, or is a folder already, puts the file into it.",
        remedies: [
          ...(inside.includes(name) ? [`name the file in it: ${start.path}/${name}`] : []),
          "copy the program to the very path that is named: COPY app /usr/local/bin/app",
        ],
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});
