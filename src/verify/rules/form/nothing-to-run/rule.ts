import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { documentPlace } from "../places.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "nothing-to-run", summary: "there is no image of a platform in what was named", severity: "error", confidence: "certain" },
  image(subject, report) {
    const { root, images, documents } = subject;
    if (images.length > 0 || documents.some(({ problem }) => problem !== undefined)) return;
    const type = root.manifest?.artifactType ?? root.manifest?.config.mediaType;
    report({
      message:
        type !== undefined
          ? `it is no image, but an artifact of the type ${quoted(type)}`
          : (root.index?.manifests.length ?? 0) === 0
            ? "the index is empty"
            : "the index names no image, only artifacts or attestations",
      at: documentPlace(root, subject),
      clause: type === undefined ? clause("index") : clause("artifact"),
      cause: "there is nothing that a container could be started from",
      remedies: ["name the image", "build it for at least one platform"],
    });
  },
});
