import type { Confidence, Severity } from "./finding.ts";

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** What decides whether a finding fails a run. */
export interface Judged {
  readonly severity: Severity;
  readonly confidence: Confidence;
}

/** Whether a finding is as bad as `limit`, or worse. What is only possible fails nothing: a false alarm costs more than a missed hint. */
export const fails = ({ severity, confidence }: Judged, limit: Severity): boolean =>
  confidence !== "possible" && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(limit);

/** Whether one of them {@link fails}. */
export const failsAt = (findings: readonly Judged[], limit: Severity): boolean => findings.some((finding) => fails(finding, limit));
