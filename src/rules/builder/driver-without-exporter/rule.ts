import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "driver-without-exporter",
  summary: "an archive is asked for that the docker driver cannot write with Docker's classic image store",
  covers: ["docker-driver-oci-exporter"],
});
