import { parsePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import type { Dockerfile, Stage } from "../dockerfile/ast.ts";
import { baseStage, type ImageOf, reachableStages, stageNamed } from "../dockerfile/stages.ts";
import { expandWord } from "../dockerfile/words.ts";
import type { Build } from "../simulate/operation.ts";
import { textOf } from "../simulate/text.ts";
import type { StageUse } from "./dockerfile-use.ts";

/** Stand for values that BuildKit gives, and for those that cannot be known: no file can hold them. */
const OF_BUILD = "\u0001";
const OF_TARGET = "\u0002";
export const UNKNOWN = "\u0003";

/** The stages that these builds need, and where the programs of each run; of a file that nothing builds, all stages. */
export function stageUses(file: Dockerfile, builds: readonly Build[]): readonly StageUse[] {
  const [first, ...others] = distinct(builds.map((build) => viewOf(build)));
  const views = first === undefined ? [{ target: undefined, arguments: new Map(), open: false }] : [first, ...others];
  const uses = new Map<Stage, StageUse>();
  for (const view of views) {
    for (const use of usesIn(file, view, first === undefined)) {
      const before = uses.get(use.stage);
      uses.set(use.stage, before === undefined ? use : both(before, use));
    }
  }
  return file.stages.flatMap((stage) => uses.get(stage) ?? []);
}

/** What of a build decides which stages it needs. */
export interface View {
  /** Null: unknown. */
  readonly target: string | null | undefined;
  /** Undefined: given, but the value is unknown. */
  readonly arguments: ReadonlyMap<string, string | undefined>;
  /** Any argument may be given. */
  readonly open: boolean;
}

export function viewOf(build: Build): View {
  const given = new Map<string, string | undefined>();
  let { open } = build.buildArgs;
  for (const item of build.buildArgs.items) {
    const [head] = item.parts;
    const name = typeof head === "string" ? /^[^=]+/.exec(head)?.[0] : undefined;
    const text = textOf(item);
    if (name === undefined || (text === undefined && !(head as string).includes("="))) open = true;
    else given.set(name, text === undefined || !text.includes("=") ? undefined : text.slice(name.length + 1));
  }
  return { target: build.stage === undefined ? undefined : (textOf(build.stage) ?? null), arguments: given, open };
}

function distinct(views: readonly View[]): readonly View[] {
  const byText = new Map(views.map((view) => [JSON.stringify([view.target, [...view.arguments].map(([k, v]) => [k, v ?? null]), view.open]), view]));
  return [...byText.values()];
}

function usesIn(file: Dockerfile, view: View, all: boolean): readonly StageUse[] {
  const variables = variablesOfFrom(file, view);
  const expand = (text: string): string => {
    try {
      return expandWord(text, variables, file.directives).value;
    } catch (error) {
      if (isProblem(error)) return UNKNOWN;
      throw error;
    }
  };
  const imageOf: ImageOf = (stage) => expand(stage.from.image.text);
  const final = view.target === null ? undefined : view.target === undefined || view.target === "" ? file.stages.at(-1) : stageNamed(file, view.target);
  // Of an unknown target nobody knows which stages it needs: none is left out, and none is called the last.
  const needed = all || view.target === null ? file.stages : final === undefined ? [] : reachableStages(file, final, imageOf);
  const places = new Map<Stage, Pick<StageUse, "runsOn" | "constant">>();
  for (const stage of file.stages) {
    const base = baseStage(file, stage, imageOf(stage));
    // A stage that builds on another has its platform, whatever its own FROM says.
    places.set(stage, (base === undefined ? undefined : places.get(base)) ?? placeOf(stage, expand, view));
  }
  return needed.map((stage) => ({
    stage,
    from: stage.from,
    instructions: stage.instructions,
    ...(places.get(stage) as Pick<StageUse, "runsOn" | "constant">),
    final: stage === final,
  }));
}

const automatic = (prefix: string, marker: string): [string, string][] =>
  ["PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"].map((name) => [`${prefix}${name}`, marker]);
const MARKERS: readonly (readonly [string, string])[] = [...automatic("BUILD", OF_BUILD), ...automatic("TARGET", OF_TARGET)];

/** The variables that FROM sees. @param platforms  what BuildKit gives of them; default: marks in their place */
export function variablesOfFrom(file: Dockerfile, view: View, platforms: readonly (readonly [string, string])[] = MARKERS): Map<string, string> {
  const variables = new Map<string, string>(platforms);
  for (const [name, value] of view.arguments) if (variables.has(name)) variables.set(name, value ?? UNKNOWN);
  for (const { name, value } of file.globalArgs.flatMap((instruction) => instruction.args)) {
    if (view.arguments.has(name.text)) variables.set(name.text, view.arguments.get(name.text) ?? UNKNOWN);
    else if (value !== undefined) variables.set(name.text, defaultOf(value.text, variables, file));
  }
  return variables;
}

function defaultOf(text: string, variables: ReadonlyMap<string, string>, file: Dockerfile): string {
  try {
    return expandWord(text, variables, file.directives).value;
  } catch (error) {
    if (isProblem(error)) return UNKNOWN;
    throw error;
  }
}

function placeOf(stage: Stage, expand: (text: string) => string, view: View): Pick<StageUse, "runsOn" | "constant"> {
  const word = stage.from.platform;
  if (word === undefined) return { runsOn: "target", constant: undefined };
  const text = expand(word.text);
  const unknown = { runsOn: "unknown", constant: undefined } as const;
  if (text.includes(UNKNOWN) || (text.includes(OF_BUILD) && text.includes(OF_TARGET))) return unknown;
  if (text.includes(OF_BUILD)) return { runsOn: "build", constant: undefined };
  if (text.includes(OF_TARGET) || text === "") return { runsOn: "target", constant: undefined };
  if (view.open && word.text.includes("$")) return unknown;
  try {
    return { runsOn: "constant", constant: parsePlatform(text) };
  } catch (error) {
    if (isProblem(error)) return unknown;
    throw error;
  }
}

function both(a: StageUse, b: StageUse): StageUse {
  const same = a.runsOn === b.runsOn && JSON.stringify(a.constant) === JSON.stringify(b.constant);
  return { ...a, ...(same ? {} : { runsOn: "unknown", constant: undefined }), final: a.final || b.final };
}
