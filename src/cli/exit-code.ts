import type { ProblemCode } from "../core/problem.ts";

/** What the exit status says. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const WRONG_USAGE: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "usage",
  "digest-malformed",
  "reference-malformed",
  "platform-malformed",
  "platform-unknown",
  "output-malformed",
  "file-unreadable",
  "workflow-missing",
  "context-unreadable",
  "dockerfile-syntax",
]);

/** 2 for wrong usage or unreadable input, 130 when interrupted, else 1. */
export function exitCodeOf(code: ProblemCode): number {
  if (code === "interrupted") return EXIT.interrupted;
  return WRONG_USAGE.has(code) ? EXIT.usage : EXIT.failed;
}
