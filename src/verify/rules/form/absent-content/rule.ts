import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { ABSENT, faultsIn } from "../contents-at-fault.ts";
import { shortDigest } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "absent-content", summary: "a manifest, config or layer that the image names is not there", severity: "error", confidence: "certain" },
  image(subject, report) {
    for (const { what, descriptor, at, facts } of faultsIn(subject, ABSENT)) {
      report({
        message: `${what} ${shortDigest(descriptor.digest)} is not there`,
        at,
        facts,
        clause: clause("descriptor"),
        cause: what.startsWith("the attestation")
          ? "whoever copies the whole image, or asks for its provenance or SBOM, gets nothing: the copy fails"
          : "whoever pulls this platform asks for it and gets nothing: the pull fails",
        remedies: ["push the image again, with everything that it names", "where a registry's clean-up took it: keep what an index names"],
      });
    }
  },
});
