import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "builder-in-other-job",
  summary: "the builder that a build needs is set up in another job, on another machine",
  covers: ["setup-buildx-other-job"],
});
