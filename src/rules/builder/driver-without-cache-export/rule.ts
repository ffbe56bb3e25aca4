import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "driver-without-cache-export",
  summary: "a cache is exported with the docker driver, which cannot do it with Docker's classic image store",
  covers: ["docker-driver-cache-export"],
});
