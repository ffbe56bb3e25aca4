import type { Text } from "../text.ts";
import type { Effect } from "./effect.ts";

/** `$GITHUB_ENV`: later steps see it. */
export const setVariable: Effect<"set-variable"> = ({ name, value, place }, environment, { sure }) => {
  const before = environment.variables.get(name);
  const unsure: Text = { parts: [{ source: `env.${name}`, atoms: [] }], place };
  const kept = sure || sameText(before, value) ? value : unsure;
  return { ...environment, variables: new Map([...environment.variables, [name, kept]]) };
};

const sameText = (a: Text | undefined, b: Text): boolean =>
  a !== undefined && a.parts.length === b.parts.length && a.parts.every((part, i) => part === b.parts[i]);
