import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "docker-driver-chosen",
  summary: "the docker driver is asked for, and cannot do what the build needs",
  covers: ["driver-docker-explicit"],
});
