import { refusalRule } from "../refusal-rule.ts";

export const rule = refusalRule({
  id: "driver-without-attestations",
  summary: "provenance or an SBOM is asked for of the docker driver, which cannot attach them with Docker's classic image store",
  covers: ["docker-driver-attestation"],
});
