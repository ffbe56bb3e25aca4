import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "driver-without-multi-platform",
  summary: "several platforms are built with the docker driver, which can build only one with Docker's classic image store",
  covers: ["docker-driver-multi-platform", "setup-docker-resets-builder", "goreleaser-default-builder", "compose-platforms"],
});
