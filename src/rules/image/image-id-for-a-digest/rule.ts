import type { Operation } from "../../../simulate/operation.ts";
import { shownText, type Text } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "image-id-for-a-digest",
    summary: "an image is named by its id where a digest is wanted",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["digest-output-ambiguous"],
  },
  event({ operation }, _trace, report) {
    for (const text of namesIn(operation)) {
      const at = text.parts.findIndex((part, i) => typeof part !== "string" && /\.outputs\.imageid$/i.test(part.source) && endsWithAt(text.parts[i - 1]));
      if (at === -1) continue;
      report({
        message: `"${shownText(text)}" names the image by its id, and registries know digests only`,
        place: operation.place,
        key: shownText(text),
        facts: [{ sentence: "this is the id of the image, the digest of its configuration", place: text.place }],
        cause:
          "the id is the digest of the image's configuration (with the containerd store: of what is in the store), not of what was pushed; for several platforms there is no such id at all",
        remedies: [advice("take the output `digest` of the same step", "of several platforms it is the digest of the index")],
      });
    }
  },
});

function namesIn(operation: Operation): readonly Text[] {
  if (operation.kind === "sign-image") return operation.images.items;
  if (operation.kind === "create-index") return operation.sources.items;
  return operation.kind === "deploy" && operation.image !== undefined ? [operation.image] : [];
}

const endsWithAt = (part: Text["parts"][number] | undefined): boolean => typeof part === "string" && part.endsWith("@");
