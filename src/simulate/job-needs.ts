import { type Assumptions, assumptionOf } from "../workflow/expression/assumptions.ts";
import { type Given, type GivenObject, open, UNKNOWN, UnknownOf } from "../workflow/expression/data.ts";
import { givenOf } from "./evaluate-text.ts";
import { shownText, type Text } from "./text.ts";
import type { Assumed, Trace } from "./trace.ts";

/** What came of a job in one scenario. */
export interface JobResult {
  readonly traces: readonly Trace[];
  readonly outcomes: readonly Outcome[];
  readonly cut: boolean;
}

/** How a job ends under an assumption. */
export interface Outcome {
  readonly assumed: readonly Assumed[];
  readonly ran: boolean;
  /** It ran, and so did all that it needs. */
  readonly succeeded: boolean;
  /** By lower-case name; undefined: nobody knows. */
  readonly outputs: ReadonlyMap<string, Text> | undefined;
}

/** What is known of a job that others need. */
export interface NeedState {
  readonly succeeded: boolean | undefined;
  /** What to assume, to know it. */
  readonly atom: string | undefined;
  /** Its member of the `needs` context. */
  readonly given: GivenObject;
}

/** All that those who need a job can see of it, as text. */
export const seenOf = ({ outcomes }: JobResult): string =>
  JSON.stringify(
    outcomes.map(({ assumed, ran, succeeded, outputs }) => [assumed, ran, succeeded, outputs && [...outputs].map(([name, text]) => [name, text.parts])]),
  );

/** A job that waits in a circle with others, or for one that is not there. */
export const NO_NEED: NeedState = { succeeded: undefined, atom: undefined, given: open({}) };

/** What those who need a job see of it under their assumptions. */
export function needState({ outcomes }: JobResult, assumptions: Assumptions): NeedState {
  const possible = outcomes.filter(({ assumed }) => assumed.every((each) => fits(each, assumptions)));
  const ran = agreed(possible.map((outcome) => outcome.ran));
  const succeeded = agreed(possible.map((outcome) => outcome.succeeded));
  return {
    succeeded,
    atom: succeeded === undefined ? firstOpen(possible, assumptions) : undefined,
    given: {
      result: ran === undefined ? UNKNOWN : ran ? "success" : "skipped",
      outputs: outputsOf(
        possible.filter((outcome) => outcome.ran),
        assumptions,
      ),
    },
  };
}

function outputsOf(outcomes: readonly Outcome[], assumptions: Assumptions): Given {
  const [first, ...others] = outcomes;
  if (first === undefined) return {};
  if (outcomes.some(({ outputs }) => outputs === undefined)) return open({});
  const names = new Set(outcomes.flatMap(({ outputs }) => [...(outputs?.keys() ?? [])]));
  return Object.fromEntries([...names].map((name): [string, Given] => [name, outputOf(name, first.outputs?.get(name), others, assumptions)]));
}

function outputOf(name: string, text: Text | undefined, others: readonly Outcome[], assumptions: Assumptions): Given {
  if (text !== undefined && others.every(({ outputs }) => sameText(outputs?.get(name), text))) return outsideJob(givenOf(text));
  const atom = firstOpen(others, assumptions);
  return new UnknownOf(undefined, atom === undefined ? [] : [atom]);
}

const sameText = (text: Text | undefined, other: Text): boolean => text !== undefined && shownText(text) === shownText(other);

/** `steps.x` of one job is not that of another. */
function outsideJob(given: Given): Given {
  if (!(given instanceof UnknownOf)) return given;
  const source = given.source !== undefined && isShared(given.source) ? given.source : undefined;
  return new UnknownOf(source, given.atoms.filter(isShared), given);
}

const agreed = (values: readonly boolean[]): boolean | undefined => (values.length > 0 && values.every((value) => value === values[0]) ? values[0] : undefined);

function fits({ atom, value }: Assumed, assumptions: Assumptions): boolean {
  const assumption = isShared(atom) ? assumptionOf(assumptions, atom) : undefined;
  return typeof assumption !== "boolean" || assumption === value;
}

function firstOpen(outcomes: readonly Outcome[], assumptions: Assumptions): string | undefined {
  for (const { assumed } of outcomes) for (const { atom } of assumed) if (isShared(atom) && assumptionOf(assumptions, atom) === undefined) return atom;
  return undefined;
}

/** Whether an expression means the same in every job. */
export const isShared = (source: string): boolean => !/\b(?:steps|matrix|env|job|runner|strategy)\b\s*[.[]/i.test(source);
