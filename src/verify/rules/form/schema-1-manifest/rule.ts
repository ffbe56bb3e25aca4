import { clause } from "../../../../facts/clauses.ts";
import { isObject } from "../../../../image/json.ts";
import { isSchema1Type } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { isSchema1 } from "../document-faults.ts";
import { called, documentPlace } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "schema-1-manifest", summary: "a manifest is of Docker's schema 1, which clients no longer read", severity: "error", confidence: "certain" },
  image(subject, report) {
    const why = {
      clause: clause("media-types"),
      cause: "current versions of Docker and containerd refuse schema 1; it has no config that could be verified",
      remedies: ["push the image again with a current client: any since Docker 1.10 writes schema 2"],
    };
    for (const document of subject.documents) {
      if (isSchema1(document)) report({ message: `${called(document)} is of Docker's schema 1`, at: documentPlace(document, subject), ...why });
      const entries: readonly unknown[] = Array.isArray(document.fields?.manifests) ? document.fields.manifests : [];
      for (const [i, entry] of entries.entries()) {
        if (!isObject(entry) || typeof entry.mediaType !== "string" || !isSchema1Type(entry.mediaType)) continue;
        const where = `${document.where === "" ? "" : `${document.where} `}manifests[${i}]`;
        report({ message: `the index names a manifest of Docker's schema 1`, at: { document: where }, ...why });
      }
    }
  },
});
