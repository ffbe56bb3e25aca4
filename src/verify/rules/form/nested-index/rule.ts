import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: { id: "nested-index", summary: "an index names another index, into which few clients look", severity: "warning", confidence: "certain" },
  image(subject, report) {
    const nested = subject.documents.filter(({ kind, parent }) => kind === "index" && parent !== undefined);
    for (const { where } of nested) {
      const platforms = subject.images.filter(({ manifest }) => manifest.where.startsWith(`${where} `)).map(({ name }) => name);
      report({
        message: `the index names another index${platforms.length === 0 ? "" : `, which has ${platforms.join(", ")}`}`,
        at: { document: where },
        facts: [
          "containerd and Docker look into the first such entry, and only when no other entry fits; crane, kaniko and their library do not look into any",
        ],
        clause: clause("index"),
        cause: "it is allowed, but clients that do not look into it have no image for these platforms",
        remedies: ["put its entries into the one index: docker buildx imagetools create does"],
      });
    }
  },
});
