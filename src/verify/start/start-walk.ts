import { HARMLESS_IN_SHELL, isMultiCall, isShellName, QUESTIONS_IN_SHELL, SHELL_KEYWORDS, UNFOLLOWED_IN_SHELL, wrapperNamed } from "../../facts/wrappers.ts";
import { shown } from "../../image/tar/path.ts";
import { absolute, lookUpPath, lookUpProgram, type World } from "./lookup.ts";
import { baseName } from "./names.ts";
import { programFileOf } from "./program-file.ts";
import { NESTED_SCRIPTS_LIMIT, readScriptLine } from "./script-line.ts";
import { readShellLine, type ShellCommand, type ShellWord } from "./shell-line.ts";
import type { Start, StartFile, StartRole } from "./start.ts";
import { readShellRun, readWrapped } from "./wrapped.ts";

/** A program that is about to be started. */
export interface Launch {
  readonly role: StartRole;
  readonly words: readonly string[];
  readonly by: Start | undefined;
  readonly world: World;
  readonly certain: boolean;
  /** Who names it, before `names "app"`: `ENTRYPOINT`, `the line of /bin/sh`. */
  readonly naming: string;
}

/** Programs that one start may lead to. */
const STARTS_LIMIT = 40;
/** Programs that start each other. */
const DEPTH_LIMIT = 12;

/** Goes from program to program as they would start each other. */
export class StartWalk {
  readonly starts: Start[] = [];
  readonly #variables: ReadonlyMap<string, string>;

  /** @param variables  of the image's config */
  constructor(variables: ReadonlyMap<string, string>) {
    this.#variables = variables;
  }

  run(launch: Launch): void {
    const { words, world, by, role } = launch;
    const [asked] = words;
    if (asked === undefined || this.starts.length >= STARTS_LIMIT || depthOf(by) >= DEPTH_LIMIT) return;
    // The kernel opens an interpreter's path itself: no PATH.
    const found = role === "interpreter" && !asked.includes("/") ? lookUpPath(world, `./${asked}`) : lookUpProgram(world, asked);
    // Within busybox' own shell its applets are there without a file.
    const hidden = found.what.kind === "missing" && found.what.searched !== undefined && by !== undefined && isMultiCall(baseName(by.path ?? ""));
    const start: Start = {
      role,
      words,
      asked,
      by,
      steps: [`${launch.naming} names ${shown(asked)}`, ...found.steps],
      path: found.path,
      node: found.node,
      what: hidden ? { kind: "unknown", why: `${shown(asked)} may be a part of ${by?.path ?? ""}` } : found.what,
      file: found.what.kind === "binary" && role !== "interpreter" ? fileOf(words, world) : undefined,
      certain: launch.certain && found.certain && !hidden,
    };
    this.starts.push(start);
    if (start.what.kind === "script") this.#runScript(start, start.what.line, world);
    else if (start.what.kind === "binary") this.#runInner(start, words, world);
  }

  #runScript(start: Start, line: string, world: World): void {
    const read = readScriptLine(line);
    if (read.kind === "none" || nestedScripts(start) > NESTED_SCRIPTS_LIMIT) return;
    const words = [read.interpreter, ...(read.argument === undefined ? [] : [read.argument]), start.path ?? start.asked, ...start.words.slice(1)];
    this.run({ role: "interpreter", words, by: start, world, certain: start.certain, naming: `the first line of ${start.path ?? start.asked}` });
  }

  /** What a program that runs others is told to run. */
  #runInner(start: Start, words: readonly string[], world: World): void {
    const name = baseName(words[0] ?? "");
    if (isMultiCall(name)) {
      if (words.length > 1) this.#runInner(start, words.slice(1), world);
      return;
    }
    if (isShellName(name)) {
      const run = readShellRun(words);
      if (run?.kind === "line") this.#runLine(start, run.line, run.positional, run.login ? { ...world, path: undefined } : world);
      return;
    }
    const wrapper = wrapperNamed(name);
    const wrapped = wrapper === undefined ? undefined : readWrapped(wrapper, words);
    if (wrapper === undefined || wrapped === undefined) return;
    const path = wrapped.assignments.findLast(([variable]) => variable === "PATH")?.[1];
    this.run({
      role: "wrapped",
      words: wrapped.words,
      by: start,
      world: {
        ...world,
        ...(wrapper.user ? { user: undefined } : {}),
        ...(wrapped.elsewhere ? { folder: undefined } : {}),
        ...(path === undefined ? (wrapper.ownPath || wrapped.elsewhere ? { path: undefined } : {}) : { path: path.split(":") }),
      },
      certain: start.certain,
      naming: start.path ?? start.asked,
    });
  }

  #runLine(shell: Start, line: string, positional: readonly string[], given: World): void {
    let world = given;
    let certain = shell.certain;
    for (const command of readShellLine(line, { env: this.#variables, positional })) {
      if (command.joint === "||") certain = false;
      if (command.assignments.some(({ name }) => name === "PATH")) world = { ...world, path: undefined };
      const next = this.#runCommand(shell, command, world, certain);
      if (next === undefined) return;
      world = next.world;
      certain &&= next.certain;
    }
  }

  /** @returns what the next command of the line meets; undefined where the line is not followed further */
  #runCommand(shell: Start, { words: all }: ShellCommand, world: World, certain: boolean): { readonly world: World; readonly certain: boolean } | undefined {
    const command = commandWords(all);
    const [first] = command.words;
    if (first === undefined) return { world, certain };
    const name = first.text;
    if (first.value === "opaque" || SHELL_KEYWORDS.has(name) || UNFOLLOWED_IN_SHELL.has(name)) return undefined;
    if (name === "set" && command.words.some(({ text }) => text === "--")) return undefined;
    if (name === "cd") return { world: { ...world, folder: folderAfter(world, command.words[1]) }, certain };
    if (HARMLESS_IN_SHELL.has(name)) {
      const setsPath = command.words.some(({ text }) => text.startsWith("PATH="));
      return { world: setsPath ? { ...world, path: undefined } : world, certain: certain && !QUESTIONS_IN_SHELL.has(name) };
    }
    const opaque = command.words.findIndex(({ value }) => value === "opaque");
    const known = (opaque === -1 ? command.words : command.words.slice(0, opaque)).map(({ text }) => text);
    const sure = certain && command.words.every(({ value }) => value === "known");
    this.run({ role: "wrapped", words: known, by: shell, world, certain: sure, naming: `the line of ${shell.asked}` });
    // What comes behind a program waits for it, and for how it ends.
    return command.replaces ? undefined : { world, certain: false };
  }
}

/** Looks through `exec` and `command`. */
function commandWords(all: readonly ShellWord[]): { readonly words: readonly ShellWord[]; readonly replaces: boolean } {
  let words = all;
  let replaces = false;
  for (let name = words[0]?.text; name === "exec" || name === "command"; name = words[0]?.text) {
    if (name === "exec") replaces = words.length > 1;
    words = words.slice(1);
    for (let option = words[0]?.text; option?.startsWith("-") === true; option = words[0]?.text) {
      // `command -v app` asks only.
      if (name === "command" && /[vV]/.test(option)) return { words: [], replaces };
      words = words.slice(option.startsWith("-") && option.endsWith("a") ? 2 : 1);
    }
  }
  return { words, replaces };
}

function folderAfter(world: World, target: ShellWord | undefined): string | undefined {
  if (target === undefined || target.value !== "known" || target.text.startsWith("-")) return undefined;
  if (!target.text.startsWith("/") && world.folder === undefined) return undefined;
  const path = absolute(world.folder ?? "/", target.text);
  return lookUpPath(world, path).what.kind === "folder" ? path : undefined;
}

function fileOf(words: readonly string[], world: World): StartFile | undefined {
  const file = programFileOf(words);
  if (file === undefined || (!file.asked.startsWith("/") && world.folder === undefined)) return undefined;
  const found = file.candidates.map((candidate) => lookUpPath({ ...world, user: undefined }, absolute(world.folder ?? "/", candidate)));
  if (found.some(({ what }) => what.kind === "unknown")) return undefined;
  return {
    asked: file.asked,
    path: absolute(world.folder ?? "/", file.asked),
    exists: found.some(({ what }) => what.kind !== "missing"),
    certain: file.asked.startsWith("/") && found.every(({ certain }) => certain),
  };
}

function depthOf(start: Start | undefined): number {
  let depth = 0;
  for (let at = start; at !== undefined; at = at.by) depth++;
  return depth;
}

/** Scripts in a row up to this one, each the interpreter of the one before. */
export function nestedScripts(start: Start): number {
  let count = 0;
  for (let at: Start | undefined = start; at?.what.kind === "script"; at = at.role === "interpreter" ? at.by : undefined) count++;
  return count;
}
