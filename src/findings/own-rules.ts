import type { RuleSummary } from "./doctor-report.ts";

/** Mistakes that readers tell of files: what GitHub, Buildx or BuildKit would not take. */
export const SYNTAX_RULE = "syntax";
/** Comments and entries that silence findings, and do not do it well. */
export const IGNORE_RULE = "ignore";

/** Rules without a folder: what they tell does not come from a simulation. */
export const OWN_RULES: readonly RuleSummary[] = [
  {
    id: SYNTAX_RULE,
    summary: "a workflow, action, Dockerfile, bake file or Makefile cannot be read as one",
    severity: "error",
    confidence: "certain",
    page: "docs/rules.md#syntax",
  },
  {
    id: IGNORE_RULE,
    summary: "a finding is ignored without a reason, or what is ignored is not there",
    severity: "info",
    confidence: "certain",
    page: "docs/rules.md#ignore",
  },
];
