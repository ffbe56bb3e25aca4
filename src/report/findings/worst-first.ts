import type { Finding } from "../../findings/finding.ts";
import { SEVERITIES } from "../../findings/severity.ts";

/** For people: what fails before what hurts before remarks, each in the order it came. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
