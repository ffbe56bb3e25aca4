import { type ActionVersion, newestMajor } from "../../../facts/actions.ts";
import { booleanInputs } from "../../../facts/inputs.ts";
import { atLeast } from "../../../facts/version.ts";
import type { Remedy } from "../../../findings/finding.ts";
import { type Text, textOf } from "../../../simulate/text.ts";
import type { StepPlace } from "../../../simulate/trace.ts";
import type { Entry } from "../../../workflow/tree.ts";
import { setInput } from "../../remedies/inputs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { actionUse } from "../action-use.ts";

export const rule = defineRule({
  meta: {
    id: "input-not-boolean",
    summary: "an input such as push is neither true nor false, and the action fails",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["push-string-boolean"],
  },
  step(step, _trace, report) {
    if (step.step.with.length === 0 || step.action === undefined) return;
    const use = actionUse(step);
    const booleans = use === undefined ? {} : booleanInputs(use.name);
    for (const entry of step.step.with) {
      const name = entry.key.text.toLowerCase();
      const since = Object.hasOwn(booleans, name) ? booleans[name] : undefined;
      if (use === undefined || since === undefined || entry.value.kind !== "scalar" || reads(use.version, since) === false) continue;
      const given = step.inputs.get(name);
      const value = textOf(given)?.trim();
      if (given === undefined || value === undefined || /^(?:true|True|TRUE|false|False|FALSE)$/.test(value)) continue;
      report({
        message:
          value === ""
            ? `input "${name}" of ${use.written} is empty, and must be true or false`
            : `input "${name}" of ${use.written} is "${value}", and must be true or false`,
        place: { file: step.place.file, span: entry.value.span },
        key: name,
        confidence: step.runs === "yes" && (use.version !== undefined || newestMajor(use.name) === undefined) ? "certain" : "likely",
        log: {
          tool: use.written,
          lines: [
            `Input does not meet YAML 1.2 "Core Schema" specification: ${name}`,
            "Support boolean input list: `true | True | TRUE | false | False | FALSE`",
          ],
        },
        cause:
          "the action reads this input as a YAML 1.2 boolean, where yes, on, 1 and an empty text are none; a default does not count once the input is given",
        remedies: remediesOf(entry, given, value, step.place),
      });
    }
  },
});

const reads = (version: ActionVersion | undefined, since: string): boolean | undefined =>
  version === undefined ? true : atLeast(`${version.major}.${version.minor ?? 999}.${version.patch ?? 999}`, since);

function remediesOf({ key, value }: Entry, given: Text, text: string, step: StepPlace): readonly Remedy[] {
  const name = key.text;
  if (value.kind !== "scalar") return [];
  const [only, ...others] = value.expressions;
  if (only === undefined) {
    const word = /^(?:yes|y|on|1)$/i.test(text) ? true : /^(?:no|n|off|0)$/i.test(text) ? false : undefined;
    const title = `write "${name}" as true or false`;
    return [remedy({ title, price: "none" }, [word === undefined ? undefined : setInput(step, name, word)])];
  }
  const isWhole = others.length === 0 && only.within.start === 0 && only.within.end === value.text.length;
  const isReference = /^[\w.-]+$/.test(only.text);
  const fallback = isWhole && isReference && text === "" && given.parts.length === 0 ? setInput(step, name, `\${{ ${only.text} || false }}`) : undefined;
  return [
    remedy({ title: `give "${name}" a value that is always true or false: \`|| false\`, or a comparison`, price: "it is false where it was empty" }, [
      fallback,
    ]),
  ];
}
