import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "builder-not-chosen",
  summary: "the builder that a build needs is made, but not chosen",
  covers: ["use-false-no-builder-input"],
});
