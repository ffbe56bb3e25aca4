import { remembered } from "../../../core/remembered.ts";
import type { Place } from "../../../core/span.ts";
import { type ActionVersion, actionFacts, type InputFacts, inputsOfMajor, newestMajor } from "../../../facts/actions.ts";
import { atLeast } from "../../../facts/version.ts";
import type { TracedStep } from "../../../simulate/trace.ts";
import type { Entry } from "../../../workflow/tree.ts";
import { type ActionUse, actionUse } from "../action-use.ts";
import { type InputMeant, inputMeant } from "../input-meant.ts";

/** An input that the action does not have, or soon will not. */
export interface OddInput {
  readonly use: ActionUse;
  /** As written. */
  readonly name: string;
  readonly entry: Entry;
  readonly place: Place;
  /** `removed`, `later`: the release that took it away, or brought it. */
  readonly why:
    | { readonly kind: "unknown" }
    | { readonly kind: "removed"; readonly tag: string }
    | { readonly kind: "later"; readonly tag: string }
    | { readonly kind: "deprecated"; readonly said: string };
  readonly meant: InputMeant;
  /** False where a release that nobody has described may know it. */
  readonly certain: boolean;
}

/** By step: the same in every walk. */
export const oddInputs: (step: TracedStep) => readonly OddInput[] = remembered(
  (step) => {
    const use = step.step.with.length === 0 ? undefined : actionUse(step);
    return use === undefined ? [] : oddOf(use, step);
  },
  ({ step }) => step,
);

function oddOf(use: ActionUse, { step, place }: TracedStep): readonly OddInput[] {
  const facts = actionFacts(use.name);
  if (facts === undefined || (use.version === undefined && /^\$|\{/.test(use.ref))) return [];
  const major = use.version?.major;
  const known = major === undefined ? facts.inputs : inputsOfMajor(use.name, major);
  if (known === undefined) return [];
  const isContainer = facts.majors.find((one) => one.major === major)?.runtime === "docker";
  return step.with.flatMap((entry): readonly OddInput[] => {
    const name = entry.key.text;
    const wanted = name.toLowerCase();
    if (isContainer && (wanted === "args" || wanted === "entrypoint")) return [];
    const why = whyOdd(wanted, known, facts.inputs, use.version);
    if (why === undefined) return [];
    const usable = why.kind === "deprecated" ? known.filter((input) => input.name !== wanted) : known;
    const meant = inputMeant(use.name, name, usable);
    const certain = why.kind !== "unknown" || isSettled(use) || (major !== undefined && meant.kind === "renamed" && meant.certain);
    return [{ use, name, entry, place: { file: place.file, span: entry.key.span }, why, meant, certain }];
  });
}

function whyOdd(name: string, known: readonly InputFacts[], ever: readonly InputFacts[], version: ActionVersion | undefined): OddInput["why"] | undefined {
  const input = known.find((one) => one.name === name);
  const exact = version?.minor === undefined || version.patch === undefined ? undefined : `${version.major}.${version.minor}.${version.patch}`;
  if (input === undefined) {
    const row = ever.find((one) => one.name === name);
    if (row === undefined || version === undefined) return { kind: "unknown" };
    const isLater = atLeast(`${version.major}.999`, row.since) === false;
    return isLater ? { kind: "later", tag: row.since } : row.removed === undefined ? { kind: "unknown" } : { kind: "removed", tag: row.removed };
  }
  if (exact !== undefined && atLeast(exact, input.since) === false) return { kind: "later", tag: input.since };
  if (exact !== undefined && input.removed !== undefined && atLeast(exact, input.removed) === true) return { kind: "removed", tag: input.removed };
  // The deprecation of an input that is gone for good came with a later release of its major.
  return input.deprecated === undefined || version === undefined || (input.removed !== undefined && version.major === 1)
    ? undefined
    : { kind: "deprecated", said: input.deprecated };
}

/** No later release can bring an input to it: it is pinned to a release, or an older major. */
const isSettled = ({ name, version }: ActionUse): boolean => version !== undefined && (version.patch !== undefined || version.major < (newestMajor(name) ?? 0));
