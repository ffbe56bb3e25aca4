import { clause } from "../../../../facts/clauses.ts";
import { isConfigType, isLayerType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import type { ReadDocument } from "../../../subject.ts";
import { called, documentPlace } from "../places.ts";
import { listed, quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "mixed-media-types", summary: "a manifest mixes Docker's media types and OCI's", severity: "info", confidence: "certain" },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      const strange = strangersIn(document);
      if (strange.length === 0 || told.has(document.descriptor.digest)) continue;
      told.add(document.descriptor.digest);
      report({
        message: `${called(document)} is ${isDocker(typeOf(document)) ? "Docker's" : "OCI's"}, but names ${listed(strange.map(quoted))}`,
        at: documentPlace(document, subject),
        clause: clause("compatibility"),
        cause: "most clients take either; some registries and scanners check a manifest as a whole and refuse a mixture",
        remedies: ["let one tool write the image anew in one format: docker buildx build --output type=registry,oci-mediatypes=true, skopeo copy --format oci"],
      });
    }
  },
});

const isDocker = (type: string): boolean => type.startsWith("application/vnd.docker.");
const typeOf = ({ manifest, index, descriptor }: ReadDocument): string => manifest?.mediaType ?? index?.mediaType ?? descriptor.mediaType;

/** Types of the other family, each once. Only what is an image's: artifacts and attestations are free in what they name. */
function strangersIn(document: ReadDocument): readonly string[] {
  const { manifest } = document;
  if (manifest === undefined || !isConfigType(manifest.config.mediaType)) return [];
  const types = [manifest.config, ...manifest.layers].map(({ mediaType }) => mediaType).filter((type) => isConfigType(type) || isLayerType(type));
  return [...new Set(types.filter((type) => isDocker(type) !== isDocker(typeOf(document))))];
}
