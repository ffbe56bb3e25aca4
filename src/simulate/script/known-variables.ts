import type { Place } from "../../core/span.ts";
import type { Step } from "../../shell/follow.ts";
import type { Script } from "../../shell/script.ts";
import type { Held, Known } from "../../shell/variables.ts";
import { type Text, textOf } from "../text.ts";
import type { Holes } from "./holes.ts";
import { DOCKER_VARIABLES } from "./known-commands.ts";
import type { Scene } from "./scene.ts";
import { type ValueTexts, WORKSPACE } from "./value-text.ts";

/** What a script finds in its environment, for the shell's reader. */
export interface KnownVariables {
  readonly variables: Known["variables"];
  readonly unset: ReadonlySet<string>;
}

/** Where a variable is asked for. */
interface Asked {
  readonly texts: ValueTexts;
  readonly place: Place;
  readonly known: KnownVariables;
}

/** Set by the runner, whatever a script does. */
const OF_THE_RUNNER = /^(?:GITHUB_|RUNNER_|ACTIONS_|CI$|HOME$|PATH$|PWD$|USER$|SHELL$|TMPDIR$|LANG$)/;

/** The environment of a step. */
export function startOf(variables: ReadonlyMap<string, Text>, holes: Holes): KnownVariables {
  const all = new Map([...variables].map(([name, text]) => [name, textOf(text) ?? holes.piecesOf(text)] as const));
  all.set("GITHUB_WORKSPACE", WORKSPACE);
  return { variables: all, unset: new Set(DOCKER_VARIABLES) };
}

/** Names that a script assigns itself are its own: unset until then, unless the environment is known to have them. */
export function withAssigned({ variables, unset }: KnownVariables, script: Script): KnownVariables {
  const all = new Set(unset);
  for (const statement of script.statements) {
    if (statement.kind !== "assign") continue;
    for (const { name, value, elements } of statement.assignments) {
      if ((value ?? elements) !== undefined && !variables.has(name) && !OF_THE_RUNNER.test(name)) all.add(name);
    }
  }
  return { variables, unset: all };
}

/** A variable as a text; undefined when nothing at all is known of it. */
export function heldText(held: Held, name: string, { texts, place, known }: Asked): Text | undefined {
  switch (held.kind) {
    case "text":
      return texts.pieces(held.pieces, place);
    case "unset":
      return { parts: [], place };
    case "array":
      return held.elements[0] && texts.text(held.elements[0]);
    case "unknown":
      if (held.choices !== undefined) return { parts: [{ source: `$${name}`, atoms: [], choices: held.choices }], place };
      return known.variables.has(name) || known.unset.has(name) ? { parts: [{ source: `$${name}`, atoms: [] }], place } : undefined;
  }
}

/** All of a command's environment of which something is known. */
export function environmentOf(step: Step, asked: Asked, script: Script): ReadonlyMap<string, Text> {
  const names = new Set(asked.known.variables.keys());
  for (const statement of script.statements) {
    for (const { name } of statement.kind === "assign" ? statement.assignments : statement.environment) names.add(name);
  }
  const found = new Map<string, Text>();
  for (const name of names) {
    const held = step.environment(name);
    const text = held.kind === "unset" ? undefined : heldText(held, name, asked);
    if (text !== undefined) found.set(name, text);
  }
  return found;
}

/** The environment of a script that a command calls: of the variables that it names, those of which something is known. `more` wins. */
export function namedIn(text: string, scene: Scene, known: KnownVariables, holes: Holes, more: ReadonlyMap<string, Text> = new Map()): KnownVariables {
  const names = new Set([...DOCKER_VARIABLES, ...[...text.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name as string)]);
  const variables = new Map<string, string | ReturnType<Holes["piecesOf"]>>([["GITHUB_WORKSPACE", WORKSPACE]]);
  const unset = new Set<string>();
  for (const name of names) {
    if (name === "GITHUB_WORKSPACE") continue;
    const given = more.get(name);
    const held = scene.command.environment(name);
    const value = given ?? heldText(held, name, { ...scene, known });
    if (given === undefined && held.kind === "unset") unset.add(name);
    else if (value !== undefined) variables.set(name, textOf(value) ?? holes.piecesOf(value));
  }
  return { variables, unset };
}
