import { shownText, textOf } from "../../../simulate/text.ts";
import { namedImage } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "signed-by-tag",
    summary: "cosign signs what a tag points to at that moment, which may be another image than the one that was built",
    severity: "warning",
    confidence: "certain",
    fix: "none",
    covers: ["cosign-signs-index-only"],
  },
  event({ operation, sure }, _trace, report) {
    if (operation.kind !== "sign-image" || operation.tool !== "cosign") return;
    for (const image of operation.images.items) {
      if ((namedImage(image)?.tag ?? "") === "") continue;
      const name = textOf(image);
      report({
        message: `"${shownText(image)}" is signed by its tag, not by its digest`,
        place: image.place,
        key: "",
        confidence: sure ? "certain" : "likely",
        log:
          name === undefined
            ? undefined
            : { tool: "cosign", lines: [`WARNING: Image reference ${name} uses a tag, not a digest, to identify the image to sign.`] },
        cause: "a tag can move between the push and the signature, by another run or by hand: then the signature vouches for an image that nobody looked at",
        remedies: [
          advice("sign IMAGE@DIGEST, with the digest that the build or the merge hands on as its output", "the digest has to be carried to this step"),
        ],
      });
    }
  },
});
