import type { Circumstances } from "./circumstances.ts";
import type { ExplainedFailure, LogFacts, LogLine, Where } from "./explanation.ts";
import type { JobState } from "./job-state.ts";
import { LINES_OF_FAILURE } from "./limits.ts";
import { rank } from "./rank.ts";
import type { Hit, StepState, Vertex } from "./step-state.ts";
import { readVertexName } from "./vertex-name.ts";

export interface Diagnosis {
  readonly failures: readonly ExplainedFailure[];
  readonly notices: readonly ExplainedFailure[];
}

/** What failed in the jobs of a log, and what was warned of. */
export function diagnose(jobs: readonly JobState[], log: LogFacts): Diagnosis {
  const failures: ExplainedFailure[] = [];
  const notices: ExplainedFailure[] = [];
  const seen = new Set<string>();
  const notice = (found: readonly ExplainedFailure[]): void => {
    for (const one of found) {
      const id = one.causes[0]?.id as string;
      if (seen.has(id)) continue;
      seen.add(id);
      notices.push(one);
    }
  };
  // Where GitHub marks an error somewhere, steps without one did not fail; where it marks none, the log may break off in the step that did.
  const marked = jobs.some((job) => job.failed.length > 0);
  for (const job of jobs) {
    const steps = marked ? job.failed : [job.step];
    const passed = job.passed.filter((hit) => !steps.some((step) => step.hits.includes(hit)));
    const noticed = new Set(passed.flatMap(ownFailures));
    for (const step of steps) {
      const told = diagnoseStep(step, job, jobs, log, noticed);
      failures.push(...told.failures);
      notice(told.notices);
    }
    notice(
      passed
        .filter(isTold)
        .map((hit) => explained([hit], circumstances(undefined, [hit], job, jobs, log, noticed)))
        .filter(hasCause),
    );
  }
  const failed = new Set(failures.flatMap(({ causes }) => causes.map(({ id }) => id)));
  return { failures, notices: notices.filter(({ causes }) => !causes.some(({ id }) => failed.has(id))) };
}

/** Failures that a line tells and no other failure shares. */
const ownFailures = (hit: Hit): string[] =>
  hit.matches.flatMap(({ indexed: { signature, failures } }) => (signature.weight === "names" && failures.length === 1 ? failures.map(({ id }) => id) : []));

/** Enough to tell something by itself. */
const isTold = (hit: Hit): boolean => hit.matches.some(({ indexed }) => indexed.signature.weight === "names");

const hasCause = ({ causes }: ExplainedFailure): boolean => causes.length > 0;

function diagnoseStep(step: StepState, job: JobState, jobs: readonly JobState[], log: LogFacts, noticed: ReadonlySet<string>): Diagnosis {
  const own = step.hits.filter((hit) => isOf(hit, step.failedVertex));
  const errors = own.filter((hit) => isFailure(hit, noticed));
  const failures: ExplainedFailure[] = [];
  const taken = new Set<Hit>();
  for (const error of errors) {
    if (taken.has(error)) continue;
    const near = own.filter((hit) => !taken.has(hit) && belongs(hit, error));
    const one = explained(near, circumstances(step, near, job, jobs, log, noticed));
    if (one.causes.length === 0) continue;
    for (const hit of near) taken.add(hit);
    const known = failures.some(({ causes }) => causes.some(({ id }) => one.causes.some((cause) => cause.id === id)));
    if (!known) failures.push(one);
  }
  const warned = step.hits.filter((hit) => !taken.has(hit) && isTold(hit) && !errors.includes(hit));
  const notices = warned.map((hit) => explained([hit], circumstances(step, [hit], job, jobs, log, noticed))).filter(hasCause);
  return { failures, notices };
}

/** False for what another vertex printed than the one that failed: platforms are built side by side. */
const isOf = (hit: Hit, failed: Vertex | undefined): boolean =>
  failed === undefined || hit.vertex === undefined || hit.vertex.failed || hit.vertex.name === failed.name;

function isFailure(hit: Hit, noticed: ReadonlySet<string>): boolean {
  if (hit.isWarning) return false;
  return hit.matches.some(({ indexed: { signature, failures } }) => {
    if (signature.weight === "mentions") return failures.some(({ id }) => noticed.has(id));
    if (signature.weight === "suggests") return hit.isError;
    return hit.isError || failures.some(({ kind }) => kind === "fail");
  });
}

/** Lines that one failure prints: those of its vertex, and those that follow soon. */
const NEAR_LINES = 40;
const belongs = (hit: Hit, error: Hit): boolean => {
  if (hit === error) return true;
  if (hit.isWarning) return idsOf(hit).some((id) => idsOf(error).includes(id));
  return (hit.vertex !== undefined && hit.vertex.name === error.vertex?.name) || Math.abs(hit.line.number - error.line.number) <= NEAR_LINES;
};

const idsOf = (hit: Hit): string[] => hit.matches.flatMap(({ indexed }) => indexed.failures.map(({ id }) => id));

function explained(hits: readonly Hit[], at: Circumstances): ExplainedFailure {
  const causes = rank(hits, at);
  const ids = new Set(causes.map(({ id }) => id));
  const lines = new Map<string, LogLine>();
  for (const hit of hits) {
    if (!hit.matches.some(({ indexed }) => indexed.failures.some(({ id }) => ids.has(id)))) continue;
    if (lines.size < LINES_OF_FAILURE && !lines.has(hit.line.text)) lines.set(hit.line.text, hit.line);
  }
  return { causes, lines: [...lines.values()].sort((a, b) => a.number - b.number), where: at.where };
}

/** Instructions of a Dockerfile, and what is done for them. */
const IN_BUILD = /^(?:RUN|COPY|ADD|FROM|WORKDIR|ONBUILD)\b|load metadata for/;

function circumstances(
  step: StepState | undefined,
  hits: readonly Hit[],
  job: JobState,
  jobs: readonly JobState[],
  log: LogFacts,
  noticed: ReadonlySet<string>,
): Circumstances {
  const failing = step?.head;
  const vertex = step?.failedVertex ?? hits.find((hit) => hit.vertex !== undefined)?.vertex;
  const name = vertex?.name ?? step?.instruction;
  const read = name === undefined ? undefined : readVertexName(name);
  const where: Where = {
    job: job.name,
    step: failing,
    platform: read?.platform,
    stage: read?.stage,
    target: read?.target,
    instruction: read?.instruction,
    source: step?.source,
    exitCode: step?.exitCode,
  };
  return {
    log,
    before: failing === undefined ? job.heads : job.heads.filter((head) => head.line < failing.line),
    failing,
    script: failing === undefined ? undefined : (job.scripts.get(failing.line) ?? (failing.uses === undefined ? failing.name : undefined)),
    isWhole: job.isWhole,
    downloaded: job.downloaded,
    elsewhere: jobs.filter((other) => other !== job).flatMap((other) => other.heads),
    where,
    crosses: read?.crosses ?? false,
    inBuild: read === undefined ? (failing === undefined ? undefined : false) : IN_BUILD.test(read.instruction),
    hits,
    noticed,
  };
}
