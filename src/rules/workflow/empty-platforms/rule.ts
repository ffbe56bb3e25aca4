import { shownText } from "../../../simulate/text.ts";
import type { Trace, TracedStep } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { setInput } from "../../remedies/inputs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "empty-platforms",
    summary: "the expression behind platforms is empty under some event, so that an image of the runner's platform alone is published",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["platforms-empty-expression"],
  },
  build({ build, event, trace }, report) {
    const { platforms } = build;
    if (platforms.place === undefined || platforms.open || platforms.items.length > 0) return;
    const written = missingReference(event.step, trace);
    if (written === undefined || publishingOf(build).pushes === false) return;
    const usual = usualPlatforms(trace, written);
    report({
      message: `"platforms" is empty: ${written} is not there, and only the runner's own platform is built`,
      place: platforms.place,
      key: written,
      // A row without the key may be meant so.
      confidence: written.startsWith("matrix.") || trace.scenario.kind === "call" ? "possible" : "likely",
      cause: "a name that an event does not bring is an empty text, and an empty list of platforms means the platform of the builder, without a word",
      remedies: [
        remedy(
          {
            title: `say what is built without it: \`\${{ ${written} || '${usual}' }}\``,
            price: "all of these are built under the event, too",
            safety: "unsafe",
          },
          [setInput(event.step.place, "platforms", `\${{ ${written} || '${usual}' }}`)],
        ),
      ],
    });
  },
});

/** The one name that `platforms` is, as the step of a job itself has it. */
function missingReference({ step, calledFrom }: TracedStep, trace: Trace): string | undefined {
  // Inputs of actions and called workflows that nobody gives are left out on purpose.
  if (calledFrom.length > 0 || trace.calledFrom.length > 0) return undefined;
  const value = step.with.find(({ key }) => key.text.toLowerCase() === "platforms")?.value;
  if (value?.kind !== "scalar") return undefined;
  const [only, ...others] = value.expressions;
  if (
    only === undefined ||
    others.length > 0 ||
    !/^(?:inputs|github\.event\.inputs|env|matrix)\.[\w-]+$/i.test(only.text) ||
    value.text.trim() !== value.text.slice(only.within.start, only.within.end)
  )
    return undefined;
  const name = only.text.split(".").at(-1);
  const isEmptyOnPurpose = trace.workflow.triggers.some(({ inputs }) => inputs.some((input) => input.name.text === name && input.default?.text === ""));
  return isEmptyOnPurpose ? undefined : only.text;
}

/** The default that the workflow's own input of that name has. */
function usualPlatforms({ workflow }: Trace, written: string): string {
  const name = written.split(".").at(-1);
  const inputs = workflow.triggers.flatMap((trigger) => trigger.inputs);
  const usual = written.includes("inputs.") ? inputs.find((input) => input.name.text === name)?.default : undefined;
  return usual === undefined || usual.expressions.length > 0 || usual.text.includes("'")
    ? "linux/amd64,linux/arm64"
    : shownText({ parts: [usual.text], place: { file: workflow.file, span: usual.span } });
}
