import type { Finding, Severity } from "../../findings/finding.ts";

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** For people: what fails before what hurts before remarks, each in the order it came. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
