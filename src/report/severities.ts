import { countText } from "../core/quantity.ts";
import type { Severity } from "../findings/finding.ts";
import { SEVERITIES } from "../findings/severity.ts";
import type { Colors } from "./progress/tty.ts";

/** `2 errors, 1 warning and 3 hints`; `nothing found`. */
export function foundText(findings: readonly { readonly severity: Severity }[]): string {
  const counts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [severity === "info" ? countText(count, "hint") : countText(count, severity)];
  });
  return counts.length === 0 ? "nothing found" : [counts.slice(0, -1).join(", "), counts.at(-1)].filter((part) => part !== "").join(" and ");
}

export function paintOf(severity: Severity, colors: Colors): (text: string) => string {
  if (severity === "error") return (text) => colors.red(text);
  return severity === "warning" ? (text) => colors.yellow(text) : (text) => colors.cyan(text);
}
