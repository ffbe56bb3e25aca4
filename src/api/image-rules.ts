import { nearest } from "../core/nearest.ts";
import { ProblemError } from "../core/problem.ts";
import type { RuleSummary } from "../findings/doctor-report.ts";
import { IMAGE_RULES } from "../verify/registry.ts";
import type { ImageRule } from "../verify/rule.ts";

/** What there is to say of a rule of images. */
export const summaryOfRule = ({ meta: { id, summary, severity, confidence } }: ImageRule): RuleSummary => ({
  id,
  summary,
  severity,
  confidence,
  page: `docs/checks/${id}.md`,
});

/** @throws {ProblemError} `usage` for an id that no rule of images has */
export function refuseUnknownRules(ids: readonly string[]): void {
  const known = IMAGE_RULES.map(({ meta }) => meta.id);
  for (const id of ids) {
    if (known.includes(id)) continue;
    const near = nearest(id, known);
    throw new ProblemError("usage", {
      message: `there is no rule "${id}" of images`,
      hint: near === undefined ? "docs/checks.md lists them" : `did you mean ${near}?`,
    });
  }
}
