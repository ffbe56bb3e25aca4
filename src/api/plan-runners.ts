import type { Finding } from "../findings/finding.ts";
import { applyFix, isRefused } from "../fix/apply.ts";
import type { MadeRunners, RefusedRunners } from "../fix/runners-report.ts";
import type { RunnersChange } from "../rules/remedies/runners/change.ts";
import { buildsSeveral } from "../rules/remedies/runners/emulated-job.ts";
import { toNativeRunners } from "../rules/remedies/runners/native.ts";
import { toOneRunner } from "../rules/remedies/runners/one.ts";
import { disproof } from "../rules/remedies/runners/prove.ts";
import { joinsDigests } from "../rules/remedies/runners/spread-jobs.ts";
import type { Grammars } from "../simulate/create-readers.ts";
import type { RepositoryFiles } from "../simulate/files.ts";
import { overlayFiles } from "../simulate/overlay-files.ts";
import type { JobStudy, WorkflowStudy } from "../simulate/trace.ts";
import { type DiagnoseOptions, type Diagnosis, judge, survey } from "./diagnose.ts";

export interface RunnersChoice {
  readonly runners: "native" | "one";
  /** Empty: every job that can be changed. */
  readonly jobs: readonly string[];
  /** Whether a file can be written back as it is. */
  readonly canEdit: (path: string) => boolean;
}

export interface RunnersPlan {
  readonly made: readonly MadeRunners[];
  readonly refused: readonly RefusedRunners[];
  /** Files that are other than they were, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Changes one job after the other, each on what the ones before left, and each only where the simulation of the changed files proves it. */
export function planRunners(files: RepositoryFiles, grammars: Grammars, options: DiagnoseOptions, choice: RunnersChoice): RunnersPlan {
  const made: MadeRunners[] = [];
  const refused: RefusedRunners[] = [];
  const texts = new Map<string, string>();
  const look = (changed: ReadonlyMap<string, string>): Diagnosis => judge(survey(overlayFiles(files, changed), grammars, options), options);
  let now = look(texts);
  for (const { file, id } of candidates(now, choice)) {
    const workflow = now.study.workflows.find((one) => one.file.name === file);
    const study = workflow?.jobs.find(({ job }) => job.id.text === id);
    if (workflow === undefined || study === undefined) continue;
    const refuse = (reason: string): void => void refused.push({ file, job: id, reason });
    const change = choice.canEdit(file) ? changeOf(study, workflow, now.study.asOf, choice) : { refused: "its file is not in UTF-8" };
    if ("refused" in change) {
      refuse(change.refused);
      continue;
    }
    const applied = applyFix({ with: undefined, safety: "unsafe", edits: [change.edit] }, (path) => (path === file ? workflow.file.text : undefined));
    if (isRefused(applied)) {
      refuse(applied.refused);
      continue;
    }
    const changed = new Map([...texts, ...applied.texts]);
    const after = look(changed);
    const wrong = disproof(
      workflow,
      after.study.workflows.find((one) => one.file.name === file),
      change,
      choice.runners === "native",
    );
    const came = newProblem(now.findings, after.findings);
    if (wrong !== undefined || came !== undefined) {
      refuse(wrong ?? `after it there would be something new: ${came}`);
      continue;
    }
    for (const [path, text] of applied.texts) texts.set(path, text);
    made.push({ file, job: change.job, jobs: change.jobs, changes: change.changes });
    now = after;
  }
  return { made, refused, texts };
}

function changeOf(study: JobStudy, workflow: WorkflowStudy, asOf: string, { runners }: RunnersChoice): RunnersChange | { readonly refused: string } {
  return runners === "native" ? toNativeRunners(study, workflow, asOf) : toOneRunner(study, workflow, asOf);
}

function candidates({ study }: Diagnosis, { runners, jobs }: RunnersChoice): readonly { readonly file: string; readonly id: string }[] {
  const isOne = (job: JobStudy, workflow: WorkflowStudy): boolean => (runners === "native" ? buildsSeveral(job) : joinsDigests(job, workflow));
  return study.workflows.flatMap((workflow) =>
    workflow.jobs.flatMap((job) => {
      const id = job.job.id.text;
      return jobs.includes(id) || (jobs.length === 0 && isOne(job, workflow)) ? [{ file: workflow.file.name, id }] : [];
    }),
  );
}

/** What weighs enough to leave a job as it was. The same said of a copied step is nothing new. */
function newProblem(before: readonly Finding[], after: readonly Finding[]): string | undefined {
  // "3 builds export to …" before, "2 builds export to …" after: that is less of the same.
  const keyOf = ({ rule, place, message }: Finding): string => `${rule}\n${place.file.name}\n${message.replace(/^\d+/, "")}`;
  const known = new Set(before.map(keyOf));
  return after.find((one) => one.severity !== "info" && one.confidence !== "possible" && !known.has(keyOf(one)))?.message;
}
