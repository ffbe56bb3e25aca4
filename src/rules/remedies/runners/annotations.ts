import type { Job, Step, Workflow } from "../../../workflow/model.ts";
import { scalarOf } from "../../../workflow/tree.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { actionOf, inputText, stepsNamed } from "./step-words.ts";

const linesOf = (step: Step): readonly string[] =>
  (inputText(step, "annotations") ?? "").split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));

/** By which docker/metadata-action tells whether its annotations are for manifests or for the index. */
export const LEVELS = "DOCKER_METADATA_ANNOTATIONS_LEVELS";

/** `index:key=value`, `manifest,index-descriptor[linux/amd64]:key=value`. */
const LEVEL = /^((?:manifest|index)(?:-descriptor)?(?:\[[^\]]*\])?(?:,(?:manifest|index)(?:-descriptor)?(?:\[[^\]]*\])?)*):/;

export interface Annotations {
  /** For the index alone, as a step of any job can write them: `index:key=value`, or outputs of docker/metadata-action, of which only such lines count. */
  readonly ofIndex: readonly string[];
  /** What the input `annotations` of a single platform says; undefined: what it said. Empty: nothing. */
  readonly ofPlatform: readonly string[] | undefined;
  /** Of docker/metadata-action, for platforms; undefined where it has none for the index. */
  readonly levels: { readonly step: Step; readonly value: string } | undefined;
}

/**
 * Annotations by what they are for: those of the index are for the joined one.
 * @param ofOutputs  `key=value`, of the index
 */
export function annotationsOf(build: Step, job: Job, workflow: Workflow, ofOutputs: readonly string[]): Annotations | Refusal {
  const lines = linesOf(build);
  const ofIndex = ofOutputs.map((one) => `index:${one}`);
  const kept: string[] = [];
  for (const line of lines) {
    const [head, levels = "manifest"] = LEVEL.exec(line) ?? [""];
    if (/-descriptor|\[/.test(levels)) return refuse("its annotations of descriptors are not understood");
    const others = levels.split(",").filter((level) => level !== "index");
    const text = line.slice(head.length);
    if (others.length < levels.split(",").length) ofIndex.push(`index:${text}`);
    if (others.length > 0) kept.push(head === "" ? line : `${others.join(",")}:${text}`);
  }
  const ofPlatform = kept.join("\n") === lines.join("\n") ? undefined : kept;
  const told = lines.filter((line) => line.startsWith(`\${{`));
  const names = stepsNamed(told.join("\n"));
  const meta = job.steps.find((step) => step.id !== undefined && names.has(step.id.text.toLowerCase()) && actionOf(step) === "docker/metadata-action");
  const level = scalarOf(meta?.env, LEVELS) ?? scalarOf(job.env, LEVELS) ?? scalarOf(workflow.env, LEVELS);
  if (told.length === 0 || level === undefined) return { ofIndex, ofPlatform, levels: undefined };
  const levels = level.text.split(",").map((one) => one.trim());
  if (meta === undefined || level.expressions.length > 0) return refuse("nobody knows which of its annotations are for the index");
  if (!levels.includes("index")) return { ofIndex, ofPlatform, levels: undefined };
  const rest = levels.filter((one) => one !== "index");
  if (rest.length === 0) return { ofIndex: [...ofIndex, ...told], ofPlatform: kept.filter((line) => !told.includes(line)), levels: undefined };
  return { ofIndex: [...ofIndex, ...told], ofPlatform, levels: { step: meta, value: rest.join(",") } };
}
