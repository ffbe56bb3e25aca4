import type { Finding, Severity } from "../findings/finding.ts";

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** Whether a finding is as bad as `limit`, or worse. What is only possible fails nothing: a false alarm costs more than a missed hint. */
export const failsAt = (findings: readonly Finding[], limit: Severity): boolean =>
  findings.some(({ severity, confidence }) => confidence !== "possible" && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(limit));
