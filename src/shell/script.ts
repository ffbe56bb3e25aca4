import type { Complaint } from "../core/complaint.ts";
import type { Span } from "../core/span.ts";

/**
 * A piece of a word. `quoted` pieces are never split into several words by the shell.
 * Spans are offsets into the script's text; `text` of a "text" part is without quotes and escapes.
 */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean; readonly span: Span }
  /** `$NAME`, `${NAME}`, `$1`, `$@`, `${NAME:-fallback}`: `operator` is what stands after the name, `operand` what stands after the operator. */
  | {
      readonly kind: "variable";
      readonly name: string;
      /** `${NAME[@]}` and `${NAME[*]}`: every element. */
      readonly all: boolean;
      readonly operator: string | undefined;
      readonly operand: readonly Part[];
      readonly quoted: boolean;
      readonly span: Span;
    }
  /** `${{ text }}` of a workflow, put in by GitHub before the shell sees the script. */
  | { readonly kind: "expression"; readonly text: string; readonly quoted: boolean; readonly span: Span }
  /** `$(…)`, `` `…` `` or `<(…)`: its commands are statements of the script of their own, inside a {@link Within} with this span. */
  | { readonly kind: "substitution"; readonly quoted: boolean; readonly span: Span }
  /** Arithmetic, `{a,b}`, and whatever else is not read: the text is only known when the script runs. */
  | { readonly kind: "unknown"; readonly text: string; readonly quoted: boolean; readonly span: Span };

/** One word as it stands in the script; empty `parts` is the empty text. */
export interface Word {
  readonly parts: readonly Part[];
  readonly span: Span;
}

/** `NAME=value`, `NAME+=value`, `NAME=(a b)`. `value` is absent for `export NAME`, and for what is not a plain name (`a[1]=x`). */
export interface Assignment {
  readonly name: string;
  readonly append: boolean;
  readonly value: Word | undefined;
  /** The elements, when it is an array. */
  readonly elements: readonly Word[] | undefined;
  readonly span: Span;
}

export type Redirection =
  /** `> file`, `>> file`, `< file`, `2> file`, `&> file`; `descriptor` is 0 or 1 unless written, and "all" for `&>`. */
  | { readonly kind: "write" | "append" | "read"; readonly descriptor: number | "all"; readonly target: Word; readonly span: Span }
  /** `<<EOF` and `<<<`: the text that the command reads, with its variables unless the delimiter was quoted. */
  | { readonly kind: "here"; readonly body: Word; readonly span: Span }
  /** `2>&1` and other moves of descriptors. */
  | { readonly kind: "other"; readonly span: Span };

/** What decides whether something runs. Questions are told apart as objects: one that is asked twice is answered once. */
export type Question =
  /** `[ … ]` and `test …`, or `[[ … ]]`: what stands between the brackets. */
  | { readonly kind: "test"; readonly double: boolean; readonly words: readonly Word[] }
  /** `case SUBJECT in PATTERN | PATTERN)`. */
  | { readonly kind: "match"; readonly subject: Word; readonly patterns: readonly Word[] }
  | { readonly kind: "not"; readonly of: Question }
  | { readonly kind: "all"; readonly of: readonly Question[] }
  | { readonly kind: "constant"; readonly value: boolean }
  /** Whether some command succeeds. */
  | { readonly kind: "command" };

/** How a statement is enclosed. The first seven make it run only sometimes (or many times); the others only shut in what it changes. */
export type WithinKind = "and" | "or" | "if" | "case" | "loop" | "exit" | "trap" | "subshell" | "pipe" | "background" | "substitution" | "call";

/** One enclosure of a statement. Two statements share it when they hold the same object. */
export interface Within {
  readonly kind: WithinKind;
  /** The whole construct: all branches of one `if` have the same span. */
  readonly span: Span;
  /** Which branch of the construct (then 0, first elif 1, …); branches of one span exclude each other. 0 where there is only one. */
  readonly branch: number;
  /** `for NAME in WORDS`. */
  readonly loop?: { readonly variable: string; readonly words: readonly Word[] } | undefined;
  /** It is entered when this is answered with yes. */
  readonly when?: Question | undefined;
  /** A function's body, entered by a call: its name and the words it was called with. */
  readonly call?: { readonly name: string; readonly words: readonly Word[] } | undefined;
}

/** A simple command. */
export interface Command {
  readonly kind: "command";
  /** Name and arguments, at least one, wrappers (`sudo -E`, `env A=b`, `timeout 5`) taken off. */
  readonly words: readonly [Word, ...Word[]];
  /** Names of the wrappers taken off, outermost first. */
  readonly wrappers: readonly string[];
  /** `A=b` before the command, also those of `env`. */
  readonly environment: readonly Assignment[];
  /** Of the command itself, then those of groups around it (`{ …; } >> file`). */
  readonly redirections: readonly Redirection[];
  readonly within: readonly Within[];
  /** From the first assignment or wrapper to the last word. */
  readonly span: Span;
}

/** Assignments that stay: alone on their line, or by `export`, `declare`, `local`, `readonly`, `unset`. */
export interface Assigning {
  readonly kind: "assign";
  readonly assignments: readonly Assignment[];
  /** The word in front: "export", "declare", … or undefined. */
  readonly declaration: string | undefined;
  readonly within: readonly Within[];
  readonly span: Span;
}

export type Statement = Command | Assigning;

/** A mistake, with its span in the script; the caller knows in which file the script stands. */
export type ScriptComplaint = Omit<Complaint, "place"> & { readonly span: Span };

/** What a script does, as far as it could be read. */
export interface Script {
  readonly text: string;
  /** False for scripts of other languages (PowerShell, Python, …): there are no statements then. */
  readonly understood: boolean;
  /** In the order in which they run; commands of a substitution come before the command that uses it, a function's body after each call of it. */
  readonly statements: readonly Statement[];
  /** Functions that are defined, by name (the last of a name). The bodies of those that are called are among `statements`. */
  readonly functions: ReadonlyMap<string, Span>;
  readonly complaints: readonly ScriptComplaint[];
}

const SOMETIMES: ReadonlySet<WithinKind> = new Set(["and", "or", "if", "case", "loop", "exit", "trap"]);
const APART: ReadonlySet<WithinKind> = new Set(["subshell", "pipe", "background", "substitution"]);

/** Whether a statement runs whenever the script does (and no command before it fails). */
export const runsAlways = ({ within }: Pick<Statement, "within">): boolean => !within.some(({ kind }) => SOMETIMES.has(kind));

/** Whether an enclosure decides if its statements run. */
export const isCondition = ({ kind }: Within): boolean => SOMETIMES.has(kind);

/** Whether what is assigned inside an enclosure is forgotten after it. */
export const isApart = ({ kind }: Within): boolean => APART.has(kind);

/** A word's text when the shell would make exactly this of it, whatever its variables are. */
export function literalOf(word: Word): string | undefined {
  let text = "";
  for (const part of word.parts) {
    if (part.kind !== "text") return undefined;
    text += part.text;
  }
  return text;
}
