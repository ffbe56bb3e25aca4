import type { Complaint } from "../core/complaint.ts";
import { nearest } from "../core/nearest.ts";
import { ProblemError } from "../core/problem.ts";
import type { Span } from "../core/span.ts";
import type { Dockerfile, Stage } from "./ast.ts";

/** That a stage needs another, and the words that say so. */
export interface StageNeed {
  readonly stage: Stage;
  readonly how: "from" | "copy" | "mount";
  readonly span: Span;
}

/** The image that a stage's FROM names, expanded. */
export type ImageOf = (stage: Stage) => string;
const asWritten: ImageOf = (stage) => stage.from.image.text;

/** The stage of that name, whatever its case; of several the last. */
export function stageNamed(file: Dockerfile, name: string): Stage | undefined {
  return file.stages.findLast((stage) => stage.name === name.toLowerCase());
}

/** What `COPY --from` means: a stage by number (from 0) or name. Absent: a named context or an image, or a number that no stage has. */
export function stageMeant(file: Dockerfile, text: string): Stage | undefined {
  return isIndex(text) ? file.stages[Number(text)] : stageNamed(file, text);
}

const isIndex = (text: string): boolean => /^[+-]?\d+$/.test(text);

/** The stage that a FROM builds on: the nearest one above with exactly that name, in lower case. Absent: scratch, a named context or an image. */
export function baseStage(file: Dockerfile, stage: Stage, image: string): Stage | undefined {
  for (let index = stage.index - 1; index >= 0; index--) {
    const other = file.stages[index];
    if (other?.name !== undefined && other.name === image) return other;
  }
  return undefined;
}

/**
 * The stage to build: the one of that name, or the last when none is named.
 * @throws {ProblemError} `stage-unknown`, with the nearest name as a hint
 */
export function targetStage(file: Dockerfile, target: string | undefined): Stage {
  const stage = target === undefined || target === "" ? file.stages.at(-1) : stageNamed(file, target);
  if (stage !== undefined) return stage;
  const names = stageNames(file);
  const near = nearest(target ?? "", names);
  throw new ProblemError("stage-unknown", {
    message: `${file.file.name} has no stage named "${target ?? ""}"`,
    hint: near !== undefined ? `did you mean ${near}?` : names.length === 0 ? "name a stage with FROM … AS NAME" : `its stages are ${names.join(", ")}`,
    facts: { file: file.file.name, stage: target ?? "" },
  });
}

/** Every stage's name, in order of the file. */
export const stageNames = (file: Dockerfile): string[] => file.stages.flatMap(({ name }) => name ?? []);

/**
 * The stages that a stage needs by itself: through FROM, `COPY --from` and `RUN --mount=…,from=…`, in that order.
 * Triggers (ONBUILD) are not looked at: they need something only in the stage that inherits them.
 */
export function needsOf(file: Dockerfile, stage: Stage, imageOf: ImageOf = asWritten): readonly StageNeed[] {
  const needs: StageNeed[] = [];
  const add = (needed: Stage | undefined, how: StageNeed["how"], span: Span): void => {
    if (needed !== undefined) needs.push({ stage: needed, how, span });
  };
  add(baseStage(file, stage, imageOf(stage)), "from", stage.from.image.span);
  for (const instruction of stage.instructions) {
    if (instruction.kind === "copy" && instruction.from !== undefined) add(stageMeant(file, instruction.from.text), "copy", instruction.from.span);
    for (const mount of instruction.kind === "run" ? instruction.mounts : []) add(stageNamed(file, mount.options.get("from") ?? ""), "mount", mount.span);
  }
  return needs;
}

/** The target and every stage that it needs, directly or not, in order of the file. */
export function reachableStages(file: Dockerfile, target: Stage, imageOf: ImageOf = asWritten): readonly Stage[] {
  const reached = closure(target, (stage) => needsOf(file, stage, imageOf));
  return file.stages.filter((stage) => reached.has(stage));
}

function closure(start: Stage, needs: (stage: Stage) => readonly StageNeed[]): Set<Stage> {
  const reached = new Set([start]);
  // A set that grows while it is walked is walked to its new end.
  for (const stage of reached) for (const need of needs(stage)) reached.add(need.stage);
  return reached;
}

/**
 * What is wrong between stages: numbers that no stage has and stages that need each other, anywhere in the file; and, in what the target
 * needs, a stage that is named before it is defined.
 */
export function stageComplaints(file: Dockerfile, target: Stage, imageOf: ImageOf = asWritten): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const error = (span: Span, message: string, hint: string, code: Complaint["code"] = "dockerfile-semantics"): void => {
    complaints.push({ code, severity: "error", message, hint, place: { file: file.file, span } });
  };
  for (const stage of file.stages) {
    for (const instruction of stage.instructions) {
      const from = instruction.kind === "copy" ? instruction.from : undefined;
      if (from !== undefined && isIndex(from.text) && stageMeant(file, from.text) === undefined) {
        error(from.span, `there is no stage ${from.text}`, `stages are numbered from 0 to ${file.stages.length - 1}`, "stage-unknown");
      }
    }
  }
  const needs = new Map(file.stages.map((stage) => [stage, needsOf(file, stage, imageOf)]));
  const needsOfStage = (stage: Stage): readonly StageNeed[] => needs.get(stage) ?? [];
  const reach = new Map(file.stages.map((stage) => [stage, closure(stage, needsOfStage)]));
  const reported = new Set<number>();
  for (const stage of file.stages) {
    for (const need of needsOfStage(stage)) {
      if (reach.get(need.stage)?.has(stage) !== true) continue;
      reported.add(need.span.start);
      error(
        need.span,
        `stage ${label(stage)} needs ${need.stage === stage ? "itself" : `${label(need.stage)}, which needs it in turn`}`,
        "take from a stage above that does not need this one",
      );
    }
  }
  for (const stage of reach.get(target) ?? []) {
    for (const need of needsOfStage(stage)) {
      if (need.stage.index <= stage.index || reported.has(need.span.start)) continue;
      error(need.span, `stage ${label(need.stage)} is defined below ${label(stage)}, which needs it`, `move ${label(need.stage)} above`);
    }
  }
  return complaints;
}

const label = (stage: Stage): string => (stage.name === undefined ? String(stage.index) : `"${stage.name}"`);
