import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { contradictionIn, isSchema1 } from "../document-faults.ts";
import { called, documentPlace } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "contradicting-media-type", summary: "an index or manifest is of another type than it is said to be", severity: "error", confidence: "certain" },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      const contradiction = isSchema1(document) ? undefined : contradictionIn(document);
      if (contradiction === undefined || told.has(document.descriptor.digest)) continue;
      told.add(document.descriptor.digest);
      report({
        message: `${called(document)} is told to be of two types: ${contradiction}`,
        at: documentPlace(document, subject),
        clause: clause("media-type-conflicts"),
        cause: "Docker reads a document by the type it is told and refuses one that calls itself otherwise; others go by the content",
        remedies: ["write one media type in the document, in the index and in the upload: the one that its content has"],
      });
    }
  },
});
