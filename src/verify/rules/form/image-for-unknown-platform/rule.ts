import { clause } from "../../../../facts/clauses.ts";
import { attestationOf, isForNoPlatform } from "../../../read/candidates.ts";
import { isConfigType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: {
    id: "image-for-unknown-platform",
    summary: "an index's entry is for unknown/unknown and is no attestation",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    for (const document of subject.documents) {
      if (document.parent === undefined || document.problem !== undefined || !isForNoPlatform(document.descriptor) || attestationOf(document) !== undefined)
        continue;
      const { os, architecture } = document.descriptor.platform ?? { os: "", architecture: "" };
      const { manifest } = document;
      // An artifact says what it is; that no machine starts it is what it wants.
      if (manifest === undefined || !isConfigType(manifest.config.mediaType) || manifest.artifactType !== undefined) continue;
      report({
        message: `an image is listed for the platform ${quoted(`${os}/${architecture}`)}`,
        at: { document: document.where },
        clause: clause("attestation"),
        cause: "unknown/unknown stands for what nobody is to start; no client chooses this image",
        remedies: ["write its platform into the index's entry", "mark it as an attestation, if it is one: annotation vnd.docker.reference.type"],
      });
    }
  },
});
