import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { faultsIn } from "../contents-at-fault.ts";
import { shortDigest } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "wrong-digest", summary: "a manifest, config or layer does not have the digest that it is named by", severity: "error", confidence: "certain" },
  image(subject, report) {
    for (const { what, descriptor, problem, at, facts } of faultsIn(subject, ["digest-mismatch"])) {
      report({
        message: `${what} ${shortDigest(descriptor.digest)} does not have the digest that it is named by`,
        at,
        facts: [problem.message, ...facts],
        clause: clause("digest"),
        cause: "every client computes the digest while it pulls, and throws away what differs",
        remedies: ["push or export the image again from where it was built", "where it happens again: tell who runs the registry or wrote the tool"],
      });
    }
  },
});
