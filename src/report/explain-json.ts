import { type Place, positionOf } from "../core/span.ts";
import type { ExplainReport, InRepository } from "../explain/explain-report.ts";
import type { ExplainedFailure } from "../explain/explanation.ts";

/** An explained log, for programs; `docs/json.md` tells its keys. */
export function explainJson({ log, explanation, inRepository }: ExplainReport): object {
  const { verdict, log: facts, failures, notices, errors, tail } = explanation;
  return {
    version: 1,
    name: log,
    verdict,
    log: facts,
    failures: failures.map((failure, i) => ({ ...failureJson(failure), ...hereJson(inRepository[i]) })),
    notices: notices.map(failureJson),
    errors,
    tail,
  };
}

const failureJson = ({ causes, lines, where }: ExplainedFailure): object => ({ causes, lines, where });

function hereJson(here: InRepository | undefined): object {
  if (here === undefined) return {};
  return {
    steps: here.steps.map(({ job, place }) => ({ job, ...placeJson(place) })),
    findings: here.findings.map(({ rule, message, place, remedies }) => ({
      rule,
      message,
      ...placeJson(place),
      remedies: remedies.map(({ title, price, fix }) => ({
        title,
        price,
        ...(fix === undefined ? {} : { safety: fix.safety, ...(fix.with === undefined ? {} : { with: fix.with }) }),
      })),
    })),
  };
}

const placeJson = ({ file, span }: Place): object => ({ file: file.name, line: positionOf(file, span.start).line });
