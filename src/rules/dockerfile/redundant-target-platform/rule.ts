// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import { positionOf } from "../../../core/span.ts";
import { dropPlatform } from "../../remedies/dockerfile-edits.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "redundant-target-platform",
    summary: "a stage says --platform=$TARGETPLATFORM, which holds without it",
    severity: "info",
    confidence: "certain",
    fix: "always",
    covers: ["targetplatform-redundant"],
  },
  dockerfile({ dockerfile, stages, builds }, report) {
    const { file, globalArgs, directives } = dockerfile;
    // With a default it is another value.
    if (globalArgs.some(({ args }) => args.some(({ name, value }) => name.text === "TARGETPLATFORM" && value !== undefined))) return;
    for (const { from } of stages) {
      const text = from.platform?.text;
      if (text !== "$TARGETPLATFORM" && text !== "${TARGETPLATFORM}") continue;
      const { line } = positionOf(file, from.span.start);
      const warning = ` - RedundantTargetPlatform: Setting platform to predefined ${text} in FROM is redundant as this is the default behavior (line ${line})`;
      report({
        message: "--platform=$TARGETPLATFORM is what FROM does without it",
        place: { file, span: from.platform?.span ?? from.span },
        log: directives.check === undefined ? { tool: "BuildKit", lines: [warning] } : undefined,
        cause: "a stage is of the target's platform unless it says otherwise; the builder from before BuildKit has no such variable, and fails",
        remedies: [remedy({ title: "take --platform=$TARGETPLATFORM away", price: "none" }, [dropPlatform(dockerfile, from)])],
        traces: builds.map(({ trace }) => trace),
        among: builds.map(({ trace }) => trace),
      });
    }
  },
});
