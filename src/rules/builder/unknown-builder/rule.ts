import { refusedBuild, refusedFor } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { refusalTold } from "../refusal-rule.ts";
import { refusalMessage } from "../refusal-words.ts";

export const rule = defineRule({
  meta: {
    id: "unknown-builder",
    summary: "a build names a builder that no step has made",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: [],
  },
  build(at, report) {
    const refused = refusedBuild(at);
    if (!refusedFor(refused, "no-such-builder", "builder-of-other-context")) return;
    const { name = "" } = refused.resolved;
    const others = [...at.event.before.builders.keys()].filter((other) => !other.startsWith("builder-"));
    const message = refused.refusal.feature === "no-such-builder" ? `no step makes the builder "${name}"` : refusalMessage(refused);
    report(
      refusalTold(refused, others.length === 1 ? `${message}; did you mean "${others[0]}"?` : message, CAUSE, [
        advice("name the builder by the output `name` of the step that makes it", "that step needs an `id`"),
        advice("name no builder: the one that is set up last is chosen", "nothing"),
      ]),
    );
  },
});

const CAUSE =
  "A builder is there only on the machine on which it was made, under the name that it was given. Each job has a machine of its own, on which only Docker's own builder is there from the start.";
