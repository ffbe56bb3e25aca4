import type { Step } from "../../../workflow/model.ts";
import { scalarOf } from "../../../workflow/tree.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { allOf, asksStatus, asSwitch, splitOutside } from "./expressions.ts";
import { inputText } from "./step-words.ts";

/** How a building step publishes. */
export interface Publishing {
  /** When: an expression; undefined: whenever the job comes by. */
  readonly condition: string | undefined;
  /** Annotations of the index that its `outputs` ask for: `key=value`. */
  readonly annotations: readonly string[];
  /** Fields of its `outputs` that are neither its name nor its pushing: `compression=zstd`. */
  readonly fields: readonly string[];
}

/** When a step of docker/build-push-action pushes an image; refused where that cannot be told by a condition. */
export function publishingOf(step: Step): Publishing | Refusal {
  const { if: own } = step;
  if (own !== undefined && (own.isText || asksStatus(own.expression)))
    return refuse("its building step runs also after a failure, or under a condition that is a text");
  const outputs = readOutputs(step);
  if ("refused" in outputs) return outputs;
  const push = scalarOf({ kind: "mapping", entries: step.with, span: step.node.span }, "push");
  const [only, ...others] = push?.expressions ?? [];
  const text = push?.text.trim() ?? "";
  if (only !== undefined && (others.length > 0 || only.within.end - only.within.start < text.length)) return refuse("nobody knows when it pushes");
  if (only === undefined && !outputs.pushes && text.toLowerCase() !== "true") return refuse("it pushes no image, so that there is nothing to join");
  const asked = only === undefined || outputs.pushes ? undefined : only.text;
  if (asked !== undefined && /\bsecrets\s*[.[]/i.test(asked)) return refuse("it pushes only where a secret is there, which no condition may ask");
  const { annotations, fields } = outputs;
  return { condition: allOf(own?.expression, asked === undefined ? undefined : asSwitch(asked)), annotations, fields };
}

interface Outputs {
  readonly pushes: boolean;
  readonly annotations: readonly string[];
  readonly fields: readonly string[];
}

const INDEX_ANNOTATION = /^annotation-index\.(?=[^=]+=)/;

function readOutputs(step: Step): Outputs | Refusal {
  const text = inputText(step, "outputs");
  if (text === undefined || text.trim() === "") return { pushes: false, annotations: [], fields: [] };
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const fields = splitOutside(lines[0] ?? "", /,/);
  const type = fields.find((field) => field.startsWith("type="))?.slice("type=".length);
  if (lines.length > 1 || text.includes('"') || (type !== "image" && type !== "registry")) return refuse("it has other outputs than an image in a registry");
  if (fields.some((field) => field.startsWith("push-by-digest="))) return refuse("it is pushed by digest already");
  const push = fields.find((field) => field.startsWith("push="));
  if (push !== undefined && push !== "push=true") return refuse("its outputs push under a condition of their own");
  return {
    pushes: type === "registry" || push !== undefined,
    annotations: fields.flatMap((field) => (INDEX_ANNOTATION.test(field) ? [field.replace(INDEX_ANNOTATION, "")] : [])),
    fields: fields.filter((field) => !/^(?:type|push|name|name-canonical|annotation-index\.[^=]+)=/.test(field)),
  };
}
