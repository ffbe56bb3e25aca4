import type { Place, SourceFile } from "../core/span.ts";
import type { Assumptions } from "../workflow/expression/assumptions.ts";
import { type Contexts, type Given, toLibrary, UnknownOf } from "../workflow/expression/data.ts";
import { type EvaluateOptions, evaluate, evaluateText } from "../workflow/expression/evaluate.ts";
import type { Unknown } from "../workflow/expression/value.ts";
import { quoted } from "../workflow/interpolation.ts";
import type { Scalar } from "../workflow/tree.ts";
import { type Hole, knownText, type Text, textOf } from "./text.ts";

/** What expressions of one file are evaluated in, at one moment of a walk. */
export interface Scope {
  readonly file: SourceFile;
  readonly contexts: Contexts;
  readonly assumptions: Assumptions;
  /** Takes the atoms on which something hung. */
  readonly saw: (atoms: readonly string[]) => void;
}

/** In the normal walk all goes well. */
export const optionsOf = (scope: Scope): EvaluateOptions => ({ status: "success", assumptions: scope.assumptions });

const constants = new WeakMap<Scalar, Text>();

/** A scalar with its expressions filled in. One that GitHub would refuse is a hole as a whole. */
export function textOfScalar(scalar: Scalar, scope: Scope): Text {
  if (scalar.expressions.length > 0) return filledIn(scalar, { file: scope.file, span: scalar.span }, scope);
  const known = constants.get(scalar);
  if (known !== undefined && known.place.file === scope.file) return known;
  const text = knownText(scalar.text, { file: scope.file, span: scalar.span });
  constants.set(scalar, text);
  return text;
}

function filledIn(scalar: Scalar, place: Place, scope: Scope): Text {
  const value = evaluateText(scalar, scope.contexts, optionsOf(scope));
  if (value.kind === "known" && value.text.length <= LONGEST_TEXT) return knownText(value.text, place);
  if (value.kind === "known" || value.kind === "invalid") return { parts: [{ source: scalar.expressions[0]?.text ?? scalar.text, atoms: [] }], place };
  return { parts: value.parts.map((part) => (typeof part === "string" ? part : holeOf(part, scope))), place };
}

/** Of what expressions make of a text: variables that are made of each other would grow without end. Longer ones are not known. */
const LONGEST_TEXT = 200_000;
/** Of the words that stand for what is not known, for the same reason. */
const LONGEST_SOURCE = 5000;

/** One expression (without `${{ }}`) as text. */
export function textOfExpression(source: string, place: Place, scope: Scope): Text {
  const value = evaluate(source, scope.contexts, optionsOf(scope));
  if (value.kind === "invalid") return { parts: [{ source, atoms: [] }], place };
  if (value.kind === "unknown") return { parts: [holeOf(value, scope)], place };
  const text = toLibrary(value.data).coerceString();
  return text.length <= LONGEST_TEXT ? knownText(text, place) : { parts: [{ source, atoms: [] }], place };
}

/** To assume that a text is not empty does not tell it: such a one has no atoms. */
function holeOf(value: Unknown, scope: Scope): Hole {
  scope.saw(value.atoms);
  return {
    source: value.residual,
    atoms: value.isLeaf && !value.isBoolean ? [] : value.atoms,
    ...(value.isBoolean ? { choices: ["true", "false"] } : {}),
  };
}

/** A text as other expressions see it (`env.X`, `inputs.x`, `steps.a.outputs.b`). What is not known of it keeps its own words, where these mean the same there. */
export function givenOf(text: Text): Given {
  const known = textOf(text);
  if (known !== undefined) return known;
  const holes = text.parts.filter((part) => typeof part !== "string");
  const atoms = [...new Set(holes.flatMap((hole) => hole.atoms))];
  const source = holes.some((hole) => hole.source.startsWith("$")) ? undefined : sourceOf(text.parts);
  return new UnknownOf(source, atoms, { isFilled: text.parts.some((part) => typeof part === "string") });
}

function sourceOf(parts: Text["parts"]): string | undefined {
  let length = 0;
  for (const part of parts) length += typeof part === "string" ? part.length : part.source.length;
  if (length > LONGEST_SOURCE) return undefined;
  const [only] = parts;
  // `true` as text is not `true`.
  if (parts.length === 1 && typeof only === "object" && only.choices === undefined) return only.source;
  const holes: string[] = [];
  const pattern = parts.map((part) => (typeof part === "string" ? part.replace(/[{}]/g, "$&$&") : `{${holes.push(part.source) - 1}}`)).join("");
  return `format(${[quoted(pattern), ...holes].join(", ")})`;
}
