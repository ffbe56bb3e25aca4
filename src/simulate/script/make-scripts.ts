import { posix } from "node:path";
import type { DockerCommand } from "../../shell/commands/command.ts";
import { maskExpressions } from "../../shell/expressions.ts";
import { type Recipe, recipeOf } from "../../shell/make-recipe.ts";
import type { Piece } from "../../shell/values.ts";
import { type Text, textOf } from "../text.ts";
import { makefileAt, type WholeMakefile } from "./kept-files.ts";
import { type Brought, broughtByName, broughtByText, unknownDeed } from "./known-commands.ts";
import { onePlace, type Places } from "./scalar-places.ts";
import type { Scene } from "./scene.ts";

/** What `make` runs, line by line. */
export interface MakeScripts {
  /** Of file, targets and variables: what calls itself again is not followed again. */
  readonly key: string;
  readonly lines: readonly MakeLine[];
  readonly directory: string | undefined;
  /** Why nobody knows what it runs, and what that may bring; undefined when it is known. */
  readonly doubt: MakeDoubt | undefined;
  /** Some of what it runs is not known. */
  readonly open: boolean;
}

export interface MakeLine {
  readonly text: string;
  readonly sure: boolean;
  /** What the Makefile exports, and what the command line sets. */
  readonly exported: ReadonlyMap<string, Text>;
  readonly places: Places;
}

export interface MakeDoubt {
  readonly sentence: string;
  readonly about: Brought;
}

/** How variables of the shell come to make. */
interface Variables {
  marked(text: Text): string;
  /** Undefined for a variable of which nothing is known. */
  held(name: string): string | undefined;
}

const NAMES = ["GNUmakefile", "makefile", "Makefile"];
/** Lines of one recipe; make itself has no limit. */
const MOST_LINES = 500;

/** The scripts of `make TARGET`. */
export function scriptsOfMake(command: Extract<DockerCommand, { kind: "make" }>, scene: Scene, variables: Variables): MakeScripts {
  const { texts } = scene;
  const nothing = { key: "", lines: [], directory: undefined, open: true };
  if (command.dryRun === true) return { ...nothing, doubt: undefined, open: false };
  const directory = command.directory === undefined ? scene.directory : textOf(texts.path(command.directory, scene.directory));
  const folder = directory === "." ? "" : directory;
  const targets = command.targets.map((value) => textOf(texts.text(value)));
  const asked = targets.map((target) => target ?? "$@").join(" ");
  const found = folder === undefined || posix.isAbsolute(folder) ? undefined : makefileIn(folder, command, scene);
  if (found === undefined) {
    const why = folder === undefined ? "is not known" : "is not in the repository";
    return { ...nothing, doubt: doubtOf(`"make ${asked}" (its Makefile ${why})`, broughtByName(asked)) };
  }
  const { whole, path } = found;
  if (targets.includes(undefined) || command.opaque.length > 0) {
    return { ...nothing, doubt: doubtOf(`"make ${asked}"`, broughtByText(whole.text)) };
  }
  const given = new Map(command.variables.map(({ name, value }) => [name, texts.text(value)]));
  const overrides = new Map([...given].map(([name, text]) => [name, variables.marked(text)]));
  const environment = new Map(
    namesIn(whole).flatMap((name): [string, string][] => {
      const held = variables.held(name);
      return held === undefined || held === "" ? [] : [[name, held]];
    }),
  );
  const known = targets.filter((target) => target !== undefined);
  const recipe = recipeFor(whole, known, overrides, environment);
  const missing = whole.complete ? undefined : broughtByName(recipe.missing.filter((target) => known.includes(target)).join(" "));
  const isShell = /(?:^|\/)(?:ba|da|a)?sh(?:\s|$)/.test(recipe.shell);
  const cut = recipe.cut || recipe.lines.length > MOST_LINES;
  const unread = cut || !isShell ? broughtByText(whole.text) : undefined;
  return {
    key: `make ${path} ${known.join(" ")} ${JSON.stringify([...overrides])}`,
    lines: isShell
      ? recipe.lines.slice(0, MOST_LINES).map(({ text, sure, environment, span }) => {
          const place = whole.place(span);
          const exported = [...environment].map(([name, value]): [string, Text] => [name, texts.pieces(unmarked(value), place)]);
          return { text, sure, exported: exported.length === 0 ? given : new Map([...exported, ...given]), places: onePlace(place) };
        })
      : [],
    directory: folder,
    open: cut || !isShell || recipe.missing.some((target) => known.includes(target)),
    doubt: doubtOf(`"make ${asked}"`, unread ?? missing),
  };
}

/** What make made of a variable, its `${{ … }}` being pieces again. */
function unmarked(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { text: expression, span } of maskExpressions(text).expressions) {
    pieces.push({ kind: "text", text: text.slice(from, span.start) });
    pieces.push({ kind: "unknown", source: text.slice(span.start, span.end), expression, many: false });
    from = span.end;
  }
  return [...pieces, { kind: "text", text: text.slice(from) }];
}

const doubtOf = (what: string, about: Brought | undefined): MakeDoubt | undefined => about && { sentence: unknownDeed(what, about), about };

function makefileIn(
  folder: string,
  command: Extract<DockerCommand, { kind: "make" }>,
  { texts, step }: Scene,
): { readonly whole: WholeMakefile; readonly path: string } | undefined {
  const named = command.file === undefined ? undefined : textOf(texts.text(command.file));
  if (command.file !== undefined && named === undefined) return undefined;
  for (const name of named === undefined ? NAMES : [named]) {
    const path = posix.join(folder, name);
    const whole = makefileAt(path, folder, step.readers);
    if (whole !== undefined) return { whole, path };
  }
  return undefined;
}

const names = new WeakMap<WholeMakefile, readonly string[]>();

/** Variables that a Makefile looks at. */
function namesIn(whole: WholeMakefile): readonly string[] {
  let found = names.get(whole);
  if (found === undefined) {
    found = [
      ...new Set(
        [...whole.text.matchAll(/\$[({]([A-Za-z_][A-Za-z0-9_]*)[:)}]|^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*[?+:]*=/gm)].map(
          ([, used, set]) => used ?? (set as string),
        ),
      ),
    ];
    names.set(whole, found);
  }
  return found;
}

/** Scenarios ask for the same again and again. */
const recipes = new WeakMap<WholeMakefile, Map<string, Recipe>>();

function recipeFor(whole: WholeMakefile, targets: readonly string[], overrides: ReadonlyMap<string, string>, environment: ReadonlyMap<string, string>): Recipe {
  let all = recipes.get(whole);
  if (all === undefined) {
    all = new Map();
    recipes.set(whole, all);
  }
  const key = JSON.stringify([targets, [...overrides], [...environment]]);
  let recipe = all.get(key);
  if (recipe === undefined) {
    recipe = recipeOf(whole.makefile, targets, { overrides, environment, othersUnset: false });
    all.set(key, recipe);
  }
  return recipe;
}
