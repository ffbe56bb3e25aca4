import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "builder-under-other-condition",
  summary: "the builder that a build needs is not set up in every case in which the build runs",
  covers: ["setup-buildx-if-mismatch"],
});
