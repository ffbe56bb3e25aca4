import { posix } from "node:path";
import { type Answer, answerAt, answerTo } from "./answer.ts";
import { expandWhole, expandWord, type Surroundings } from "./expand.ts";
import {
  type Assigning,
  type Assignment,
  type Command,
  isApart,
  isCondition,
  literalOf,
  type Question,
  runsAlways,
  type Script,
  type Statement,
  type Within,
  type Word,
} from "./script.ts";
import { type Piece, textOf, type Value } from "./values.ts";
import { type Held, isLocal, type Known, type Moment, plainName, Variables } from "./variables.ts";

/** One command of a script with what is known when it runs. */
export interface Step {
  readonly command: Command;
  /** Name and arguments after expansion. Empty when nothing is left of the words. */
  readonly words: readonly Value[];
  /** Where it runs: a path relative to where the script began, or absolute; undefined when unknown. */
  readonly directory: string | undefined;
  /** Whether `set -e` holds here for sure: the script ends when a command fails that nothing asks about. */
  readonly stopsAtError: boolean;
  /** What a variable of the command's environment holds: unset when the shell has it but does not hand it on. */
  environment(name: string): Held;
  /** A word of this command (a redirection's target, a here-document) after expansion, unsplit. */
  expand(word: Word): readonly Piece[];
}

/** How the script's shell was started. */
export interface Start extends Known {
  /** `bash -e`, as GitHub does unless told otherwise. */
  readonly stopsAtError: boolean;
  /** `$1`, `$2`, … of the script; none when absent. */
  readonly arguments?: readonly Value[] | undefined;
  /** What a substitution becomes, by its text (`$(dirname "$0")`), or undefined when that is unknown. */
  substitution?(source: string): string | undefined;
}

/** Names for what the shell keeps beside variables; no variable can be called so. */
const DIRECTORY = "(directory)";
const ERREXIT = "(errexit)";

/** What a script comes to. */
export interface Followed {
  /** Every command with its arguments as far as they are known; those that certainly do not run are left out. */
  readonly steps: readonly Step[];
  /** Enclosures that are entered for sure, as far as this hangs on tests of what is known. */
  readonly entered: ReadonlySet<Within>;
  /** Enclosures that hang on tests of what is not known. */
  readonly doubtful: ReadonlySet<Within>;
}

/** Walks through a script in order, keeping track of variables, directory and `set -e`. */
export function followScript(script: Script, start: Start): Followed {
  return new Follow(script, start);
}

class Follow implements Followed {
  readonly steps: Step[] = [];
  readonly entered = new Set<Within>();
  readonly doubtful = new Set<Within>();
  readonly #decided = new Map<Within, Answer>();
  readonly #answers = new Map<Question, Answer>();
  /** Where `exit 0` certainly does not run. */
  readonly #passedExits = new Set<number>();
  #hasEnded = false;
  #unreliable: ReadonlySet<string> | undefined;
  readonly #script: Script;
  readonly #start: Start;
  readonly #variables: Variables;
  readonly #positional = new Map<Within, readonly Value[]>();
  #arguments: readonly Value[];
  readonly #rounds = new Set<Within>();
  readonly #loops = new Set<Within>();
  readonly #directories: (Held | undefined)[] = [];

  constructor(script: Script, start: Start) {
    this.#script = script;
    this.#start = start;
    this.#variables = new Variables(start);
    this.#arguments = start.arguments ?? [];
    const beginning: Moment = { order: -1, within: [] };
    this.#variables.set(DIRECTORY, known("."), beginning, false);
    this.#variables.set(ERREXIT, known(start.stopsAtError ? "on" : "off"), beginning, false);
    script.statements.forEach((statement, order) => {
      const within = this.#hasEnded ? undefined : this.#enter(statement, order);
      if (within === undefined) {
        if (isExit(statement)) this.#passedExits.add(statement.span.start);
        return;
      }
      const moment = { order, within };
      if (statement.kind === "assign") this.#assign(statement, moment);
      else this.#command(statement, moment);
      if (isExit(statement) && !within.some((one) => isCondition(one) || isApart(one))) this.#hasEnded = true;
    });
  }

  #surroundings(moment: Moment): Surroundings {
    const call = moment.within.findLast(({ kind }) => kind === "call");
    return {
      text: this.#script.text,
      variable: (name) => this.#variables.at(name, moment),
      positional: call === undefined ? this.#arguments : (this.#positional.get(call) ?? []),
      expression: (text) => this.#start.expression(text),
      substitution: (source) => this.#start.substitution?.(source),
    };
  }

  /** Sets what loops and calls set when they are entered. Gives what a statement hangs on, without what is entered for sure; undefined when it does not run. */
  #enter({ within }: Statement, order: number): readonly Within[] | undefined {
    let inside: readonly Within[] = [];
    for (const one of within) {
      const outside = { order, within: inside };
      const decided = this.#decide(one, outside);
      if (decided === false) return undefined;
      if (decided === true) continue;
      inside = [...inside, one];
      if (one.kind === "loop" && !this.#rounds.has(one)) {
        this.#rounds.add(one);
        // What a round assigns, the next one begins with.
        const first = { order: order - 1, within: inside };
        for (const name of this.#assignedIn(one, order)) this.#variables.set(name, { kind: "unknown", choices: undefined }, first, false);
      }
      if (one.call !== undefined && !this.#positional.has(one)) {
        const surroundings = this.#surroundings(outside);
        this.#positional.set(
          one,
          one.call.words.slice(1).flatMap((word) => expandWord(word, surroundings)),
        );
      }
      if (one.loop !== undefined && !this.#loops.has(one)) {
        this.#loops.add(one);
        const surroundings = this.#surroundings(outside);
        const texts = one.loop.words.flatMap((word) => expandWord(word, surroundings)).map(textOf);
        const choices = texts.every((text) => text !== undefined) && texts.length > 0 ? texts : undefined;
        const held: Held = choices?.length === 1 && choices[0] !== undefined ? known(choices[0]) : { kind: "unknown", choices };
        this.#variables.set(one.loop.variable, held, { order: order - 1, within: inside }, false);
      }
    }
    return inside;
  }

  /** Whether an enclosure is entered; asked once, as the shell does. */
  #decide(one: Within, outside: Moment): Answer {
    if (one.kind === "exit") {
      if (!this.#passedExits.has(one.span.start)) return undefined;
      this.entered.add(one);
      return true;
    }
    if (one.when === undefined) return undefined;
    if (this.#decided.has(one)) return this.#decided.get(one);
    const surroundings = this.#surroundings(outside);
    const doubted = { ...surroundings, variable: (name: string) => this.#tested(name, outside) };
    const answer = answerTo(one.when, (leaf) => {
      if (leaf.kind === "command") return undefined;
      if (!this.#answers.has(leaf)) this.#answers.set(leaf, answerAt(leaf, doubted));
      const known = this.#answers.get(leaf);
      if (known === undefined) this.doubtful.add(one);
      return known;
    });
    this.#decided.set(one, answer);
    if (answer === true) this.entered.add(one);
    return answer;
  }

  /** Who tests a variable reckons with it: what is only taken to be unset is not known to be. */
  #tested(name: string, moment: Moment): Held {
    this.#unreliable ??= namesSetUnseen(this.#script.text);
    const held = this.#unreliable.has(name) ? undefined : this.#variables.at(name, moment);
    return held === undefined || (held.kind === "unset" && this.#start.unset?.has(name) === true) ? { kind: "unknown", choices: undefined } : held;
  }

  #assignedIn(loop: Within, from: number): Set<string> {
    const names = new Set<string>();
    for (let i = from; i < this.#script.statements.length; i++) {
      const statement = this.#script.statements[i];
      if (statement === undefined || !statement.within.includes(loop)) break;
      if (statement.kind === "assign") for (const { name } of statement.assignments) names.add(name);
    }
    return names;
  }

  #assign(statement: Assigning, moment: Moment): void {
    const local = isLocal(statement);
    for (const assignment of statement.assignments) {
      const name = plainName(assignment);
      if (name === undefined) {
        const array = /^[A-Za-z_][A-Za-z0-9_]*(?=\[)/.exec(assignment.name)?.[0];
        if (array !== undefined) this.#variables.set(array, { kind: "unknown", choices: undefined }, moment, local);
        continue;
      }
      if (statement.declaration === "unset") {
        this.#variables.set(name, { kind: "unset" }, moment, false);
        continue;
      }
      if (statement.declaration === "export") this.#variables.export(name, moment);
      const held = this.#held(assignment, name, moment);
      if (held !== undefined) this.#variables.set(name, held, moment, local);
      else if (statement.declaration === "local") this.#variables.set(name, { kind: "unset" }, moment, local);
    }
  }

  /** What an assignment makes of a variable; undefined when it only declares it. */
  #held(assignment: Assignment, name: string, moment: Moment): Held | undefined {
    const surroundings = this.#surroundings(moment);
    if (assignment.elements !== undefined) {
      const elements = assignment.elements.flatMap((word) => expandWord(word, surroundings));
      if (!assignment.append) return { kind: "array", elements };
      const before = this.#variables.at(name, moment);
      if (before.kind === "array") return { kind: "array", elements: [...before.elements, ...elements] };
      return before.kind === "unset" ? { kind: "array", elements } : { kind: "unknown", choices: undefined };
    }
    if (assignment.value === undefined) return undefined;
    const pieces = expandWhole(assignment.value, surroundings);
    if (!assignment.append) return { kind: "text", pieces };
    const before = this.#variables.at(name, moment);
    if (before.kind === "array") return { kind: "unknown", choices: undefined };
    return { kind: "text", pieces: [...heldPieces(before, name), ...pieces] };
  }

  #command(command: Command, moment: Moment): void {
    const surroundings = this.#surroundings(moment);
    const words = command.words.flatMap((word) => expandWord(word, surroundings));
    const directory = this.#variables.at(DIRECTORY, moment);
    const errexit = this.#variables.at(ERREXIT, moment);
    this.steps.push({
      command,
      words,
      directory: heldText(directory),
      stopsAtError: heldText(errexit) === "on",
      environment: (name) => this.#environment(name, command, moment),
      expand: (word) => expandWhole(word, surroundings),
    });
    if (command.wrappers.every((name) => name === "command" || name === "builtin")) this.#effect(words, moment);
  }

  #environment(name: string, command: Command, moment: Moment): Held {
    const own = command.environment.findLast((one) => one.name === name);
    if (own?.value !== undefined) return { kind: "text", pieces: expandWhole(own.value, this.#surroundings(moment)) };
    const held = this.#variables.at(name, moment);
    return held.kind === "unset" || this.#variables.isExported(name, moment) || held.kind === "unknown" ? held : { kind: "unset" };
  }

  /** What commands of the shell itself change. */
  #effect(words: readonly Value[], moment: Moment): void {
    const [name, ...values] = words;
    const texts = values.map(textOf);
    switch (name === undefined ? "" : (textOf(name) ?? "")) {
      case "cd":
        this.#changeDirectory(values, moment);
        return;
      case "pushd":
        this.#directories.push(this.#variables.at(DIRECTORY, moment));
        this.#changeDirectory(values, moment);
        return;
      case "popd":
        this.#variables.set(DIRECTORY, this.#directories.pop() ?? { kind: "unknown", choices: undefined }, moment, false);
        return;
      case "set":
        this.#set(texts, moment);
        return;
      case "read":
      case "readarray":
      case "mapfile":
        for (const text of texts)
          if (text !== undefined && /^[A-Za-z_]\w*$/.test(text)) this.#variables.set(text, { kind: "unknown", choices: undefined }, moment, false);
        return;
      case "source":
      case ".":
      case "eval":
        this.#variables.forget(moment);
        return;
      case "shift":
        this.#shift(texts[0], moment);
        return;
    }
  }

  #changeDirectory(values: readonly Value[], moment: Moment): void {
    const [to, ...others] = values.map(textOf).filter((text) => text !== "--" && text !== "-P" && text !== "-L");
    const from = heldText(this.#variables.at(DIRECTORY, moment));
    const sure = to !== undefined && others.length === 0 && !/^[-~+]/.test(to);
    const joined = sure && posix.isAbsolute(to) ? posix.normalize(to) : sure && from !== undefined ? posix.join(from, to) : undefined;
    const held: Held = joined === undefined ? { kind: "unknown", choices: undefined } : known(joined.replace(/(.)\/$/, "$1"));
    this.#variables.set(DIRECTORY, held, moment, false);
  }

  #set(options: readonly (string | undefined)[], moment: Moment): void {
    options.forEach((option, i) => {
      if (option === undefined || !/^[-+][A-Za-z]+$/.test(option)) return;
      const errexit = /^.[a-zA-Z]*e/.test(option) || (option.endsWith("o") && options[i + 1] === "errexit");
      if (errexit) this.#variables.set(ERREXIT, known(option.startsWith("-") ? "on" : "off"), moment, false);
      if (/^-[a-zA-Z]*a/.test(option) || (option === "-o" && options[i + 1] === "allexport")) this.#variables.exportAll(moment);
    });
  }

  #shift(count: string | undefined, { within }: Moment): void {
    const call = within.findLast(({ kind }) => kind === "call");
    const before = call === undefined ? this.#arguments : this.#positional.get(call);
    if (before === undefined || before.length === 0) return;
    const inside = call === undefined ? within : within.slice(within.indexOf(call) + 1);
    const sure = runsAlways({ within: inside }) && /^[0-9]*$/.test(count ?? "");
    const anything: Value = { pieces: [{ kind: "unknown", source: "$@", many: true }], word: { parts: [], span: call?.span ?? { start: 0, end: 0 } } };
    const after = sure ? before.slice(Number(count ?? 1)) : [anything];
    if (call === undefined) this.#arguments = after;
    else this.#positional.set(call, after);
  }
}

const isExit = (statement: Statement): statement is Command => statement.kind === "command" && literalOf(statement.words[0]) === "exit";

/** Variables that are set in ways that are not followed: arithmetic, `${A:=b}`, `printf -v`. */
function namesSetUnseen(text: string): ReadonlySet<string> {
  const found = [
    ...[...text.matchAll(/\(\(([\s\S]*?)\)\)|\b(?:let|getopts|select)\b([^\n]*)/g)].map(([, arithmetic, rest]) => arithmetic ?? rest ?? ""),
    ...[...text.matchAll(/\bprintf\s+-v\s*(\w+)|\$\{(\w+):?=/g)].map(([, printed, defaulted]) => printed ?? defaulted ?? ""),
  ];
  return new Set(found.flatMap((stretch) => stretch.match(/[A-Za-z_]\w*/g) ?? []));
}

const known = (text: string): Held => ({ kind: "text", pieces: [{ kind: "text", text }] });

function heldText(held: Held): string | undefined {
  return held.kind === "text" ? textOf(held) : undefined;
}

function heldPieces(held: Exclude<Held, { kind: "array" }>, name: string): readonly Piece[] {
  if (held.kind === "text") return held.pieces;
  if (held.kind === "unset") return [];
  return [{ kind: "unknown", source: `$${name}`, variable: name, choices: held.choices, many: false }];
}
