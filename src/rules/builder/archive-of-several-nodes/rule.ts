import { refusedBuild, refusedFor } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { refusalTold } from "../refusal-rule.ts";
import { refusalMessage } from "../refusal-words.ts";

export const rule = defineRule({
  meta: {
    id: "archive-of-several-nodes",
    summary: "one archive is asked for of what several nodes of a builder build",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["multi-node-local-output"],
  },
  build(at, report) {
    const refused = refusedBuild(at);
    if (!refusedFor(refused, "exporter-several-nodes")) return;
    report(
      refusalTold(refused, refusalMessage(refused), CAUSE, [
        advice("push the image, and copy it from the registry into an archive", "a registry is needed, which may run on localhost"),
        advice("build on one node", "foreign platforms are emulated"),
      ]),
    );
  },
});

const CAUSE = "Each node of the builder has only the platforms that it has built. Buildx puts them together in a registry, and nowhere else.";
