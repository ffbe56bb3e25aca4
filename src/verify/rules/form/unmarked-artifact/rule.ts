import { isIndexType, isManifestType, MEDIA_TYPE } from "../../../../core/media-type.ts";
import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { called, documentPlace } from "../places.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: {
    id: "unmarked-artifact",
    summary: "an artifact does not say of what type it is, or hangs on something that is no manifest",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      const { manifest, index, descriptor } = document;
      if (told.has(descriptor.digest)) continue;
      told.add(descriptor.digest);
      const at = documentPlace(document, subject);
      if (manifest?.config.mediaType === MEDIA_TYPE.ociEmpty && manifest.artifactType === undefined)
        report({
          message: "an artifact with an empty config does not say of what type it is",
          at,
          clause: clause("artifact"),
          cause: "nobody can tell what it is for; registries refuse it or list it as unknown",
          remedies: ['write "artifactType" into the manifest'],
        });
      const on = manifest?.subject ?? index?.subject;
      if (on !== undefined && !isManifestType(on.mediaType) && !isIndexType(on.mediaType))
        report({
          message: `the subject of ${called(document)} is of the type ${quoted(on.mediaType)}, which is no manifest`,
          at,
          clause: clause("manifest"),
          cause: "registries list what belongs to a manifest or index; what hangs on something else is never found",
          remedies: ["name the manifest or index that it is about as its subject"],
        });
    }
  },
});
