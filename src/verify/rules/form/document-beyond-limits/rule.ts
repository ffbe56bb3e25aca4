import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { faultsIn } from "../contents-at-fault.ts";
import { plainMessage } from "../document-faults.ts";

export const rule = defineImageRule({
  meta: {
    id: "document-beyond-limits",
    summary: "an index, manifest or config is larger, deeper or more numerous than clients take",
    severity: "error",
    confidence: "likely",
  },
  image(subject, report) {
    for (const { what, problem, at } of faultsIn(subject, ["limit-exceeded"])) {
      if (what.startsWith("layer ")) continue;
      report({
        message: `${what} is beyond the limits: ${plainMessage(problem.message)}`,
        at,
        clause: clause("push-manifest"),
        cause: "registries need not take manifests above 4 MB, and clients refuse documents that are nested without end",
        remedies: ["leave embedded data and annotations out of it", "make several images of it"],
      });
    }
  },
});
