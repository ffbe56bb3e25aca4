import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import type { ReadDocument } from "../../../subject.ts";
import { contradictionIn, isBoth, isSchema1, plainMessage } from "../document-faults.ts";
import { called, documentPlace } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "malformed-document", summary: "an index or manifest is not of the form that its type has", severity: "error", confidence: "certain" },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      const { problem, descriptor } = document;
      if (problem?.code !== "manifest-invalid" || toldElsewhere(document) || told.has(descriptor.digest)) continue;
      told.add(descriptor.digest);
      report({
        message: `${called(document)} is malformed: ${plainMessage(problem.message)}`,
        at: documentPlace(document, subject),
        clause: document.kind === "index" ? clause("index") : clause("manifest"),
        cause: "clients read documents by their types and refuse one that does not fit, or take its fields for something else",
        remedies: ["write it with a tool that knows the format: docker buildx imagetools create, crane, regctl"],
      });
    }
  },
});

/** Other rules know better what is wrong. */
const toldElsewhere = (document: ReadDocument): boolean =>
  isSchema1(document) || (document.fields !== undefined && isBoth(document.fields)) || contradictionIn(document) !== undefined;
