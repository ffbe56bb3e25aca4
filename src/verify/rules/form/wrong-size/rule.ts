import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { faultsIn } from "../contents-at-fault.ts";
import { shortDigest } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "wrong-size", summary: "a descriptor tells another size than its content has", severity: "error", confidence: "certain" },
  image(subject, report) {
    for (const { what, descriptor, problem, at, facts } of faultsIn(subject, ["size-mismatch"])) {
      report({
        message: `${what} ${shortDigest(descriptor.digest)} has another size than its descriptor says`,
        at,
        facts: [problem.message, ...facts],
        clause: clause("descriptor"),
        cause: "clients compare the size before the digest, and refuse content that differs",
        remedies: ["push or export the image again from where it was built", "where it happens again: tell who runs the registry or wrote the tool"],
      });
    }
  },
});
