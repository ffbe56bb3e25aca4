import type { ImageFinding } from "../../verify/finding.ts";
import type { VerifyReport } from "../../verify/report.ts";

/** What `verify` tells of an image, for programs; `docs/json.md` tells its keys, `docs/schema/verify.schema.json` their types. What is undefined is absent. */
export function verifyJson(report: VerifyReport): object {
  const { name, digest, mediaType, failOn, failed, platforms, wanted, findings, against, smoke, notes, read } = report;
  return {
    version: 1,
    name,
    digest,
    mediaType,
    failOn,
    failed,
    platforms,
    ...(wanted === undefined ? {} : { wanted }),
    findings: findings.map(findingJson),
    ...(against === undefined ? {} : { against }),
    ...(smoke === undefined ? {} : { smoke }),
    notes,
    read,
  };
}

function findingJson({ rule, severity, confidence, message, at, facts, clause, cause, remedies }: ImageFinding): object {
  return { rule, severity, confidence, message, at, facts, ...(clause === undefined ? {} : { clause }), cause, remedies };
}
