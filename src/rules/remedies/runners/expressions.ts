import { evaluate } from "../../../workflow/expression/evaluate.ts";
import { expressionsWithin } from "../../../workflow/interpolation.ts";

/** A text in pieces at every sign of `separators` that stands outside of `${{ }}`, trimmed; empty pieces are left out. */
export function splitOutside(text: string, separators: RegExp): readonly string[] {
  const pieces: string[] = [""];
  const add = (stretch: string): void => {
    pieces[pieces.length - 1] += stretch;
  };
  let at = 0;
  for (const { start, end } of [...expressionsWithin(text), { start: text.length, end: text.length }]) {
    const [first = "", ...rest] = text.slice(at, start).split(separators);
    add(first);
    for (const piece of rest) pieces.push(piece);
    add(text.slice(start, end));
    at = end;
  }
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== "");
}

/** The text with a sign in place of each expression, at the same offsets. */
export function withoutExpressions(text: string): string {
  return expressionsWithin(text).reduce((rest, { start, end }) => rest.slice(0, start) + "\u0001".repeat(end - start) + rest.slice(end), text);
}

/** An expression as what stands behind `if:`, for one whose text an action takes for a switch: `'false'` is true otherwise. */
export function asSwitch(expression: string): string {
  const value = evaluate(expression, {});
  const isSwitch = value.kind === "unknown" ? value.isBoolean : value.kind === "known" && typeof value.data === "boolean";
  return isSwitch ? expression : `format('{0}', ${expression}) == 'true'`;
}

/** Several conditions that must all hold; undefined where there is none. */
export function allOf(...conditions: readonly (string | undefined)[]): string | undefined {
  const given = [...new Set(conditions.filter((one) => one !== undefined))];
  return given.length < 2 ? given[0] : given.map(grouped).join(" && ");
}

const grouped = (expression: string): string => (/\|\|/.test(expression) && !/^\([^()]*\)$/.test(expression) ? `(${expression})` : expression);

/** Whether a condition goes on after a failure. */
export const asksStatus = (expression: string): boolean => /\b(?:always|failure|cancelled|success)\s*\(/i.test(expression);

/** Contexts that the `if` of a job may name. */
export const isForJobs = (expression: string): boolean => !/\b(?:steps|env|matrix|job|runner|strategy|secrets)\b\s*[.[]|\bhashFiles\s*\(/i.test(expression);
