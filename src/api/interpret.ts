import { readLog } from "../adapters/node/read-log.ts";
import { openRepository } from "../adapters/node/repository-files.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { isProblem } from "../core/problem.ts";
import { explainLog } from "../explain/explain-log.ts";
import type { ExplainReport, InRepository, LocatedStep } from "../explain/explain-report.ts";
import type { ExplainedFailure, Explanation } from "../explain/explanation.ts";
import type { Finding } from "../findings/finding.ts";
import { RULES } from "../rules/registry.ts";
import type { Workflow } from "../workflow/model.ts";
import { dayOf } from "./day.ts";
import { diagnose } from "./diagnose.ts";
import type { ExplainRequest } from "./explain.ts";
import { locateStep } from "./locate-step.ts";
import { openTarget } from "./target.ts";

/** What `explain` does. */
export async function interpret(request: ExplainRequest, world: World = nodeWorld()): Promise<ExplainReport> {
  const log = request.log ?? "-";
  if (request.asOf !== undefined) dayOf(request.asOf, world.clock);
  const explanation = await explainLog(readLog(log, world, request.signal));
  if (explanation.failures.length === 0) return { log, explanation, inRepository: [] };
  if (request.path === undefined && openRepository(world.cwd).list(".github/workflows").length === 0) return { log, explanation, inRepository: [] };
  try {
    const asOf = dayOf(request.asOf ?? realDay(explanation.log.day), world.clock);
    const target = await openTarget(request.path ?? world.cwd);
    const { study, findings } = diagnose(target.files, target.grammars, { asOf, paths: target.paths });
    const workflows = study.workflows.map(({ workflow }) => workflow);
    return { log, explanation, inRepository: locate(explanation, workflows, findings, COVERS) };
  } catch (error) {
    if (request.path === undefined && isProblem(error, "workflow-missing")) return { log, explanation, inRepository: [] };
    throw error;
  }
}

/** What a log says need not be a day of the calendar. */
const realDay = (day: string | undefined): string | undefined =>
  day !== undefined && new Date(`${day}T00:00:00Z`).getUTCDate() === Number(day.slice(-2)) ? day : undefined;

/** Failures that each rule finds. */
export type Covers = ReadonlyMap<string, readonly string[]>;

const COVERS: Covers = new Map(RULES.map(({ meta }) => [meta.id, meta.covers]));

/** Finds the failures of a log in a repository. */
export function locate(explanation: Explanation, workflows: readonly Workflow[], findings: readonly Finding[], covers: Covers): readonly InRepository[] {
  return explanation.failures.map((failure) => {
    const steps = locateStep(failure.where, workflows);
    return { steps, findings: sameFailure(failure, steps, findings, covers) };
  });
}

/** Findings that cover a cause, those of the likeliest cause first; only those at the located steps where there are any. */
function sameFailure(failure: ExplainedFailure, steps: readonly LocatedStep[], findings: readonly Finding[], covers: Covers): readonly Finding[] {
  const rankOf = (finding: Finding): number => failure.causes.findIndex(({ id }) => covers.get(finding.rule)?.includes(id) === true);
  const covering = findings.filter((finding) => rankOf(finding) !== -1).sort((a, b) => rankOf(a) - rankOf(b));
  const near = covering.filter((finding) => steps.some((step) => touches(finding, step)));
  return near.length > 0 ? near : covering;
}

function touches(finding: Finding, { place }: LocatedStep): boolean {
  const places = [finding.place, ...finding.facts.flatMap((fact) => fact.place ?? [])];
  return places.some(({ file, span }) => file.name === place.file.name && span.start < place.span.end && span.end > place.span.start);
}
