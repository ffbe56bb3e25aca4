import { nodeWorld, type World } from "../adapters/node/world.ts";
import type { DoctorReport } from "../findings/doctor-report.ts";
import { failsAt } from "../findings/severity.ts";
import { dayOf } from "./day.ts";
import { judge, RULE_SUMMARIES, survey } from "./diagnose.ts";
import type { DoctorRequest } from "./doctor.ts";
import { askOnline } from "./online.ts";
import { checkRule, openTarget } from "./target.ts";

/** What `doctor` does. */
export async function examine(request: DoctorRequest, world: World = nodeWorld()): Promise<DoctorReport> {
  const asOf = dayOf(request.asOf, world.clock);
  for (const rule of request.rules ?? []) checkRule(rule);
  const target = await openTarget(request.path ?? ".");
  const options = { asOf, paths: target.paths, dockerfiles: target.dockerfiles, only: request.rules };
  const seen = survey(target.files, target.grammars, options);
  const { images, unreached } = await askOnline(seen, request, world);
  const { study, findings, ignored, config } = judge(seen, { ...options, baseImages: images });
  const failOn = request.failOn ?? config?.failOn ?? "error";
  return {
    root: target.root,
    asOf,
    workflows: study.workflows.map(({ file }) => file.name),
    findings,
    ignored,
    cut: study.workflows.flatMap(({ file, jobs }) => jobs.filter(({ cut }) => cut).map(({ job }) => ({ file: file.name, job: job.id.text }))),
    unreached,
    failOn,
    failed: failsAt(findings, failOn),
    rules: RULE_SUMMARIES.filter(({ id }) => request.rules === undefined || request.rules.length === 0 || request.rules.includes(id)),
  };
}
