import { positionOf } from "../core/span.ts";
import type { Finding, Remedy } from "../findings/finding.ts";
import type { FixReport } from "../fix/report.ts";

/** `fix --format json`, as `docs/json.md` describes it. */
export function fixJson({ root, asOf, written, failed, applied, remaining, files, unreached }: FixReport): object {
  return {
    version: 1,
    root,
    asOf,
    written,
    failed,
    applied: applied.map(({ finding, remedy, files: changed }) => ({ finding: findingJson(finding), remedy: remedyJson(remedy), files: changed })),
    remaining: remaining.map(({ finding, advice }) => ({
      finding: findingJson(finding),
      advice: advice.map(({ remedy, reason }) => ({ remedy: remedyJson(remedy), reason })),
    })),
    files,
    unreached,
  };
}

function findingJson({ rule, severity, confidence, message, place }: Finding): object {
  const { line, column } = positionOf(place.file, place.span.start);
  return { rule, severity, confidence, message, file: place.file.name, line, column };
}

const remedyJson = ({ title, price, fix }: Remedy): object => ({ title, price, with: fix?.with, safety: fix?.safety });
