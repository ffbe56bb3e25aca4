import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "docker-build-ignores-builder",
  summary: "plain `docker build` does not take the builder that was set up, and needs it",
  covers: ["docker-build-ignores-builder", "setup-buildx-v4-install-removed"],
});
