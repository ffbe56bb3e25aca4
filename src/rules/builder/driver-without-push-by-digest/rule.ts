import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "driver-without-push-by-digest",
  summary: "an image is pushed by digest with the docker driver, which cannot do it",
  covers: ["docker-driver-push-by-digest"],
});
