import { calledFunction, callFunction, patternSubstituted } from "./make-functions.ts";
import { type MakeCondition, type MakeExport, type Makefile, type MakeVariable, parseMakefile } from "./makefile.ts";

/** What make is started with. */
export interface MakeStart {
  /** `make NAME=value`; undefined for one of unknown value. */
  readonly overrides: ReadonlyMap<string, string | undefined>;
  readonly environment: ReadonlyMap<string, string | undefined>;
  /** Whether every variable that is nowhere set is empty; else it may be in the environment. */
  readonly othersUnset: boolean;
}

/** Automatic variables of a rule: `@`, `<`, `^`, `*`. */
export type Automatic = Readonly<Record<string, string>>;

interface Held {
  readonly text: string;
  /** Expanded when used (`=`), not when set (`:=`). */
  readonly lazy: boolean;
}

/** `$(A)` of `$(B)` of …; make stops at cycles itself. */
const DEEPEST = 40;
/** A few lines of `A = $(B)$(B)` make a text of any size. */
const LONGEST = 1 << 16;
/** The same with an empty text at the bottom; of one Makefile, altogether. */
const MOST_REFERENCES = 1_000_000;

const ENVIRONMENT_NAME = /^[A-Za-z_]\w*$/;

/** What all scopes of one Makefile share. */
interface Shared {
  references: number;
  /** How often a variable that nothing sets was taken for empty. */
  guesses: number;
  /** Variables that `override` sets: the command line does not win over them. */
  readonly overridden: Set<string>;
  /** Variables that recipes find in their environment, beside those that make found there itself. */
  readonly exported: Set<string>;
  /** `export` without a name. */
  exportsAll: boolean;
}

/** A Makefile's variables under one start. */
export class MakeVariables {
  readonly #start: MakeStart;
  readonly #held: Map<string, Held | undefined>;
  /** Files that are taken in could set anything. */
  readonly #complete: boolean;

  readonly #shared: Shared;

  private constructor(start: MakeStart, held: Map<string, Held | undefined>, complete: boolean, shared: Shared) {
    this.#shared = shared;
    this.#start = start;
    this.#held = held;
    this.#complete = complete;
  }

  static of(makefile: Makefile, start: MakeStart): MakeVariables {
    const variables = new MakeVariables(start, new Map(), start.othersUnset && !makefile.statements.some(({ kind }) => kind === "include"), {
      references: MOST_REFERENCES,
      guesses: 0,
      overridden: new Set(),
      exported: new Set(),
      exportsAll: false,
    });
    for (const statement of makefile.statements) {
      if (statement.kind === "variable" && statement.targets === undefined) variables.#set(statement);
      else if (statement.kind === "export") variables.#export(statement);
    }
    return variables;
  }

  /** The same with a target's own variables. */
  with(own: readonly MakeVariable[]): MakeVariables {
    if (own.length === 0) return this;
    const variables = new MakeVariables(this.#start, new Map(this.#held), this.#complete, this.#shared);
    for (const variable of own) variables.#set(variable);
    return variables;
  }

  #export({ names, conditions }: MakeExport): void {
    if (this.holds(conditions) === false) return;
    if (names === "") this.#shared.exportsAll = true;
    for (const name of this.expand(names).split(/\s+/)) this.#shared.exported.add(name);
  }

  /** What recipes find in their environment of the Makefile's variables; what is unknown stands as `${{ makefile NAME }}`. */
  exported(automatic: Automatic): ReadonlyMap<string, string> {
    const { exported, exportsAll } = this.#shared;
    const found = new Map<string, string>();
    for (const name of this.#held.keys()) {
      if (!ENVIRONMENT_NAME.test(name) || this.#start.overrides.has(name)) continue;
      if (exportsAll || exported.has(name) || this.#start.environment.has(name)) found.set(name, this.expand(`$(${name})`, automatic));
    }
    return found;
  }

  #set({ name, operator, value, conditions, override, exported }: MakeVariable): void {
    const holds = this.holds(conditions);
    if (holds === false) return;
    if (exported) this.#shared.exported.add(name);
    if (this.#start.overrides.has(name) && !override) return;
    if (holds === undefined || operator === "!=") {
      this.#held.set(name, undefined);
      return;
    }
    if (override) this.#shared.overridden.add(name);
    const before = this.#held.get(name);
    if (operator === "?=") {
      // The environment may hold it after all; but who writes a default means it to be used, and CI seldom sets it.
      if (!this.#held.has(name) && !this.#start.environment.has(name)) this.#held.set(name, { text: value, lazy: true });
    } else if (operator === ":=") this.#held.set(name, { text: this.expand(value), lazy: false });
    else if (operator === "+=" && this.#held.has(name)) {
      const added = before?.lazy === false ? this.expand(value) : value;
      this.#held.set(name, before === undefined ? undefined : { text: `${before.text} ${added}`, lazy: before.lazy });
    } else if (operator === "+=" && (this.#start.environment.has(name) || !this.#complete)) this.#held.set(name, undefined);
    else this.#held.set(name, { text: value, lazy: true });
  }

  /** How many guesses texts rest on that were expanded so far, in all scopes of the Makefile. */
  get guesses(): number {
    return this.#shared.guesses;
  }

  #guessEmpty(text: string): boolean {
    const name = /^\$[({]([\w.-]+)[)}]$/.exec(text)?.[1];
    if (name === undefined || [this.#held, this.#start.overrides, this.#start.environment].some((all) => all.has(name))) return false;
    this.#shared.guesses++;
    return true;
  }

  /** Whether conditions hold; undefined when it cannot be known. */
  holds(conditions: readonly MakeCondition[]): boolean | undefined {
    let sure: boolean | undefined = true;
    for (const condition of conditions) {
      const one = this.#holdsOne(condition);
      if (one === false) return false;
      if (one === undefined) sure = undefined;
    }
    return sure;
  }

  #holdsOne({ keyword, text, negated }: MakeCondition): boolean | undefined {
    let met: boolean | undefined;
    if (keyword === "ifdef" || keyword === "ifndef") {
      const value = this.expand(`$(${this.expand(text)})`);
      met = isUnknown(value) ? undefined : (value !== "") === (keyword === "ifdef");
    } else {
      const [, left, right] = /^\((.*),(.*)\)$/s.exec(text) ?? /^["'](.*?)["']\s+["'](.*?)["']$/s.exec(text) ?? [];
      if (left === undefined || right === undefined) return undefined;
      const [a, b] = [this.expand(left.trim()), this.expand(right.trim())];
      met = isUnknown(a) || isUnknown(b) ? undefined : (a === b) === (keyword === "ifeq");
    }
    return met === undefined ? undefined : met !== negated;
  }

  /**
   * Expands `$(NAME)`, `${NAME}`, `$X` and `$$`. What cannot be known (functions, unset variables that may come from elsewhere) becomes a
   * workflow expression `${{ makefile NAME }}`, which the shell's reader takes for an unknown piece.
   */
  expand(text: string, automatic: Automatic = {}, depth = 0): string {
    if (!text.includes("$")) return text;
    let made = "";
    for (let i = 0; i < text.length; i++) {
      if (made.length > LONGEST) return made;
      const character = text[i] as string;
      if (character !== "$" || i + 1 >= text.length) {
        made += character;
        continue;
      }
      const next = text[++i] as string;
      if (next === "$") made += "$";
      else if (next === "(" || next === "{") {
        if (text.startsWith("{{", i)) {
          const end = text.indexOf("}}", i);
          made += text.slice(i - 1, end === -1 ? text.length : end + 2);
          i = end === -1 ? text.length : end + 1;
          continue;
        }
        const close = closing(text, i);
        made += this.#reference(text.slice(i + 1, close), automatic, depth);
        i = close;
      } else made += this.#reference(next, automatic, depth);
    }
    return made;
  }

  #reference(name: string, automatic: Automatic, depth: number): string {
    if (this.#shared.references-- <= 0 || depth >= DEEPEST) return unknown(name);
    const called = calledFunction(name);
    if (called !== undefined) return this.#call(called, automatic, depth) ?? unknown(name);
    if (name.includes(":")) return this.#substitution(name, automatic, depth) ?? unknown(name);
    if (name.includes("$")) {
      const made = this.expand(name, automatic, depth + 1);
      return made.includes("$") ? unknown(name) : this.#reference(made, automatic, depth + 1);
    }
    if (/[\s,]/.test(name)) return unknown(name);
    const bare = name.replace(/^([@<^*?+%])[DF]$/, "");
    if (Object.hasOwn(automatic, name)) return automatic[name] as string;
    if (bare === "" || /^[@<^*?+%|]$/.test(name)) return unknown(name);
    const override = this.#start.overrides.get(name);
    if (this.#start.overrides.has(name) && !this.#shared.overridden.has(name)) return override ?? unknown(name);
    if (this.#held.has(name)) {
      const held = this.#held.get(name);
      if (held === undefined) return unknown(name);
      return held.lazy ? this.expand(held.text, automatic, depth + 1) : held.text;
    }
    const environment = this.#start.environment.get(name);
    if (environment !== undefined) return environment;
    if (name === "MAKE") return "make";
    if (this.#start.environment.has(name) || !this.#complete) return unknown(name);
    return "";
  }

  /** `$(NAME:.c=.o)`. */
  #substitution(reference: string, automatic: Automatic, depth: number): string | undefined {
    const [, name, from, to] = /^([^\s:=]+):([^=]*)=(.*)$/s.exec(reference) ?? [];
    if (name === undefined || from === undefined || to === undefined) return undefined;
    const [text, a, b] = [`$(${name})`, from, to].map((one) => this.expand(one, automatic, depth + 1)) as [string, string, string];
    if ([text, a, b].some(isUnknown)) return undefined;
    return a.includes("%") ? patternSubstituted(a, b, text) : patternSubstituted(`%${a}`, `%${b}`, text);
  }

  /** `$(eval NAME := value)`: rules that it brings are not followed. */
  #assign(text: string): void {
    for (const statement of parseMakefile(text).statements) if (statement.kind === "variable" && statement.targets === undefined) this.#set(statement);
  }

  #call({ name, rest }: { readonly name: string; readonly rest: string }, automatic: Automatic, depth: number): string | undefined {
    const all = (names: Automatic | undefined): Automatic => (names === undefined ? automatic : { ...automatic, ...names });
    return callFunction(name, rest, {
      expand: (text, names) => this.expand(text, all(names), depth + 1),
      variable: (wanted, names) => this.#reference(wanted, all(names), depth + 1),
      isUnknown,
      assign: (text) => this.#assign(text),
      guessEmpty: (text) => this.#guessEmpty(text),
    });
  }
}

const unknown = (name: string): string => `\${{ makefile ${/^[\w.-]+$/.test(name) ? name : "value"} }}`;

const isUnknown = (text: string): boolean => text.includes("${{");

/** The bracket that closes the one at `open`, or the text's end. */
function closing(text: string, open: number): number {
  const [left, right] = text[open] === "(" ? ["(", ")"] : ["{", "}"];
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === left) depth++;
    else if (text[i] === right && --depth === 0) return i;
  }
  return text.length;
}
