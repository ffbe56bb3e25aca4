import type { FileEdit } from "../../findings/finding.ts";
import type { TracedStep } from "../../simulate/trace.ts";
import { setInput } from "../remedies/inputs.ts";

const INPUTS = { to: "cache-to", from: "cache-from" } as const;
const ACTIONS = new Set(["docker/build-push-action"]);

/**
 * Adds a field (`mode=max`, `scope=app`) to the step's only entry of `cache-to` or `cache-from`. Undefined where the step has several, names that field
 * already, or does not write its entry down as plain text of one line.
 */
export function addCacheField({ step, place, action }: TracedStep, input: keyof typeof INPUTS, field: string): FileEdit | undefined {
  const name = INPUTS[input];
  const value = step.with.find(({ key }) => key.text.toLowerCase() === name)?.value;
  if (action === undefined || !ACTIONS.has(action) || value?.kind !== "scalar") return undefined;
  const text = value.text.trim();
  const key = field.slice(0, field.indexOf("=") + 1);
  if (!text.startsWith("type=") || /[\n"]/.test(text) || text.split(",").some((one) => one.startsWith(key))) return undefined;
  return setInput(place, name, `${text},${field}`);
}
