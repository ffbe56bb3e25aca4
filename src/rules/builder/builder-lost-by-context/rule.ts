import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "builder-lost-by-context",
  summary: "the Docker context changes after the builder was chosen, so the build does not take it",
  covers: ["setup-buildx-before-setup-docker"],
});
