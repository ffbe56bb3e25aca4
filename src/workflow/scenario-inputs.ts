import { type Assumptions, assume, NO_ASSUMPTIONS } from "./expression/assumptions.ts";
import { type Given, UNKNOWN, UNKNOWN_BOOLEAN } from "./expression/data.ts";
import type { Input } from "./model.ts";

type Inputs = { readonly [name: string]: Given };

/** One choice of inputs. */
export interface InputChoice {
  readonly inputs: Inputs;
  /** For people: "with its defaults", "with push = false". */
  readonly words: string;
  readonly assumptions: Assumptions;
}

/** Every choice of inputs of `workflow_dispatch` that conditions can tell apart: the defaults, each other value of one input, and all texts filled in. */
export function dispatchChoices(inputs: readonly Input[]): readonly InputChoice[] {
  if (inputs.length === 0) return [{ inputs: {}, words: "", assumptions: NO_ASSUMPTIONS }];
  const defaults: Inputs = Object.fromEntries(inputs.map((input): [string, Given] => [input.name.text, dispatchDefault(input)]));
  const choices: InputChoice[] = [{ inputs: defaults, words: "with its defaults", assumptions: NO_ASSUMPTIONS }];
  for (const input of inputs) {
    const name = input.name.text;
    for (const value of otherValues(input)) {
      if (value === defaults[name]) continue;
      choices.push({ inputs: { ...defaults, [name]: value }, words: `with ${name} = ${String(value)}`, assumptions: NO_ASSUMPTIONS });
    }
  }
  const free = inputs.filter((input) => isFree(input) && defaults[input.name.text] !== UNKNOWN);
  if (free.length > 0) {
    choices.push({
      inputs: { ...defaults, ...Object.fromEntries(free.map((input): [string, Given] => [input.name.text, UNKNOWN])) },
      words: `with ${free.map((input) => input.name.text).join(", ")} filled in`,
      assumptions: free.reduce((all, input) => assume(all, `inputs.${input.name.text}`, true), NO_ASSUMPTIONS),
    });
  }
  return choices;
}

/** The inputs of `workflow_call`: its defaults, and whatever a caller may give. */
export function callChoices(inputs: readonly Input[]): readonly InputChoice[] {
  if (inputs.length === 0) return [{ inputs: {}, words: "", assumptions: NO_ASSUMPTIONS }];
  const any: Inputs = Object.fromEntries(inputs.map((input): [string, Given] => [input.name.text, unknownOf(input)]));
  const defaults: Inputs = Object.fromEntries(inputs.map((input): [string, Given] => [input.name.text, callDefault(input)]));
  const choices: InputChoice[] = [{ inputs: defaults, words: "with its defaults", assumptions: NO_ASSUMPTIONS }];
  if (inputs.some((input) => defaults[input.name.text] !== any[input.name.text]))
    choices.push({ inputs: any, words: "with inputs of the caller's", assumptions: NO_ASSUMPTIONS });
  return choices;
}

const unknownOf = (input: Input): Given => (input.type === "boolean" ? UNKNOWN_BOOLEAN : UNKNOWN);

const isFree = (input: Input): boolean => input.type === "string" || input.type === "number" || input.type === "environment";

function otherValues(input: Input): readonly (boolean | string)[] {
  if (input.type === "boolean") return [true, false];
  return input.type === "choice" ? input.options.map((option) => option.text) : [];
}

/** What the form sends when it is not touched; a required text without a default has to be typed, so it is unknown. */
function dispatchDefault(input: Input): Given {
  const given = givenDefault(input);
  if (given !== undefined) return given;
  if (input.type === "boolean") return false;
  if (input.type === "choice") return input.options[0]?.text ?? "";
  return input.required ? UNKNOWN : "";
}

function callDefault(input: Input): Given {
  const given = givenDefault(input);
  if (given !== undefined) return given;
  if (input.required) return unknownOf(input);
  return input.type === "boolean" ? false : input.type === "number" ? 0 : "";
}

function givenDefault(input: Input): Given | undefined {
  const { default: value, type } = input;
  if (value === undefined) return undefined;
  if (value.expressions.length > 0) return unknownOf(input);
  if (type === "boolean") return value.text.toLowerCase() === "true";
  if (type === "number") return Number(value.text);
  return value.text;
}
