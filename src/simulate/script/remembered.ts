import type { Scalar } from "../../workflow/tree.ts";
import type { Environment } from "../environment.ts";
import type { ScriptOutcome, ScriptStep } from "../script-step.ts";
import type { Text } from "../text.ts";

/** What a script came to, and all that it looked at. */
interface Remembered {
  readonly step: Pick<ScriptStep, "readers" | "file" | "shell" | "directory">;
  readonly variables: string;
  readonly expressions: ReadonlyMap<string, string>;
  /** Undefined when it did not look at it. */
  readonly environment: Environment | undefined;
  readonly outcome: ScriptOutcome;
}

/** Of one script: rows and scenarios beyond these are read anew. */
const MOST_REMEMBERED = 64;

const remembered = new WeakMap<Scalar, Remembered[]>();

/** Does a script's work once for all rows, scenarios and ways in which it finds the same. */
export function rememberedWork(step: ScriptStep, work: (step: ScriptStep) => ScriptOutcome): ScriptOutcome {
  const all = remembered.get(step.run) ?? [];
  const variables = keyOfVariables(step.variables);
  const found = all.find((one) => fits(one, step, variables));
  if (found !== undefined) return copied(found.outcome);
  const expressions = new Map<string, string>();
  let environment: Environment | undefined;
  const outcome = work({
    ...step,
    expression(source) {
      const text = step.expression(source);
      expressions.set(source, keyOf(text));
      return text;
    },
    get environment() {
      environment = step.environment;
      return environment;
    },
  });
  if (all.length < MOST_REMEMBERED) all.push({ step, variables, expressions, environment, outcome });
  remembered.set(step.run, all);
  return outcome;
}

function fits({ step: before, variables, expressions, environment }: Remembered, step: ScriptStep, itsVariables: string): boolean {
  if (before.readers !== step.readers || before.file !== step.file || before.shell !== step.shell || before.directory !== step.directory) return false;
  if (variables !== itsVariables || (environment !== undefined && environment !== step.environment)) return false;
  for (const [source, text] of expressions) if (keyOf(step.expression(source)) !== text) return false;
  return true;
}

/** Operations are told apart as objects. */
const copied = (outcome: ScriptOutcome): ScriptOutcome => ({
  ...outcome,
  operations: outcome.operations.map(({ operation, sure }) => ({ operation: { ...operation }, sure })),
});

const keys = new WeakMap<Text, string>();

function keyOf(text: Text): string {
  let key = keys.get(text);
  if (key === undefined) {
    const { place, parts } = text;
    key = JSON.stringify([parts, place.file.name, place.span.start]);
    keys.set(text, key);
  }
  return key;
}

const keysOfVariables = new WeakMap<ReadonlyMap<string, Text>, string>();

function keyOfVariables(variables: ReadonlyMap<string, Text>): string {
  let key = keysOfVariables.get(variables);
  if (key === undefined) {
    key = [...variables].map(([name, text]) => `${name}=${keyOf(text)}`).join("\n");
    keysOfVariables.set(variables, key);
  }
  return key;
}
