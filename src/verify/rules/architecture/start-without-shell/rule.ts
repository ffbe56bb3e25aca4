import { defineImageRule } from "../../../rule.ts";
import { startsOf } from "../../../start/starts.ts";
import { quote } from "../../shown.ts";
import { chainFacts, confidenceOf, isShellForm, severityOf } from "../start-told.ts";

const INSTRUCTION = { entrypoint: "ENTRYPOINT", command: "CMD", healthcheck: "HEALTHCHECK" } as const;

export const rule = defineImageRule({
  meta: { id: "start-without-shell", summary: "a line for a shell is to be started, and the image has no shell", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    for (const start of startsOf(image)) {
      const { role } = start;
      if (start.what.kind !== "missing" || !isShellForm(start) || (role !== "entrypoint" && role !== "command" && role !== "healthcheck")) continue;
      report({
        message: `${INSTRUCTION[role]} is the line ${quote(start.words[2] ?? "")} for ${start.asked}, which is not in the image`,
        facts: chainFacts(start),
        cause:
          role === "healthcheck"
            ? "The health check fails each time, and the container is called unhealthy."
            : `The container does not start: "exec: \\"${start.asked}\\": no such file or directory". An instruction that is no JSON list is run by a shell; scratch and distroless images have none.`,
        remedies: [`write a JSON list of words, which needs no shell: ${INSTRUCTION[role]} ["/app", "--flag"]`, "take a base that has a shell"],
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});
