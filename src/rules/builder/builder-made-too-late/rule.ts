import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "builder-made-too-late",
  summary: "the builder that a build needs is set up by a later step",
  covers: ["setup-buildx-after-build"],
});
