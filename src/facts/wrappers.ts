import data from "../../data/wrappers.json" with { type: "json" };

/** A program that runs another one: how it is called before the other's name. */
export interface Wrapper {
  /** Letters of short options that take a value, in the same word or the next. */
  readonly short: string;
  /** Long options whose value is the next word, unless `=` joins it. */
  readonly long: readonly string[];
  /** Words of its own before the program's. */
  readonly operands: number;
  /** `NAME=value` before the program is its environment. */
  readonly assignments: boolean;
  /** The program runs as another user. */
  readonly user: boolean;
  /** The program is looked for in another PATH. */
  readonly ownPath: boolean;
  /** With one of these options it runs no program. */
  readonly instead: readonly string[];
}

/** A program that runs a file of source or of byte code. */
export interface Interpreter {
  /** Options whose value is the next word. */
  readonly values: readonly string[];
  /** With one of these it runs no file, or another than the first word. */
  readonly instead: readonly string[];
  /** The option before the file; undefined: it is the first word that is no option. */
  readonly option: string | undefined;
  /** What the interpreter tries to add to the file's name. */
  readonly endings: readonly string[];
  /** Only a word with this ending is a file; undefined: any. */
  readonly only: string | undefined;
}

interface WrapperRow {
  readonly names: readonly string[];
  readonly short?: string;
  readonly long?: readonly string[];
  readonly operands?: number;
  readonly assignments?: boolean;
  readonly user?: boolean;
  readonly ownPath?: boolean;
  readonly instead?: readonly string[];
}

interface InterpreterRow {
  readonly names: readonly string[];
  readonly versioned?: boolean;
  readonly values: readonly string[];
  readonly instead: readonly string[];
  readonly option?: string;
  readonly endings?: readonly string[];
  readonly only?: string;
}

const wrapperRows: readonly WrapperRow[] = data.wrappers;
const wrappers: ReadonlyMap<string, Wrapper> = new Map(
  wrapperRows.flatMap(({ names, short = "", long = [], operands = 0, assignments = false, user = false, ownPath = false, instead = [] }) =>
    names.map((name) => [name, { short, long, operands, assignments, user, ownPath, instead }] as const),
  ),
);

const interpreterRows: readonly InterpreterRow[] = data.interpreters;
const interpreters: ReadonlyMap<string, Interpreter & { readonly versioned: boolean }> = new Map(
  interpreterRows.flatMap(({ names, versioned = false, values, instead, option, endings = [], only }) =>
    names.map((name) => [name, { values, instead, option, endings, only, versioned }] as const),
  ),
);

const shells: ReadonlySet<string> = new Set(data.shells.names);
const multiCall: ReadonlySet<string> = new Set(data.multiCall);

/** By the program's name without folder. */
export const wrapperNamed = (name: string): Wrapper | undefined => wrappers.get(name);

/** By the program's name without folder: `python3.11` is python. */
export function interpreterNamed(name: string): Interpreter | undefined {
  const exact = interpreters.get(name);
  if (exact !== undefined) return exact;
  const family = interpreters.get(name.replace(/[0-9][0-9.]*$/, ""));
  return family?.versioned === true ? family : undefined;
}

/** Whether it takes a line after `-c`, or a script, of the Bourne family. */
export const isShellName = (name: string): boolean => shells.has(name);

/** Whether it is many programs in one file, told apart by the name it is called by: busybox. */
export const isMultiCall = (name: string): boolean => multiCall.has(name);

/** Options of shells whose value is the next word. */
export const SHELL_VALUE_OPTIONS: ReadonlySet<string> = new Set(data.shells.valueOptions);

/** Commands in a shell's line after which the next one runs as if they were not there; `cd` changes the folder. */
export const HARMLESS_IN_SHELL: ReadonlySet<string> = new Set(data.shells.harmless);

/** Of those: what succeeds or does not, so that what comes behind `&&` may not run. */
export const QUESTIONS_IN_SHELL: ReadonlySet<string> = new Set(data.shells.questions);

/** Words that begin what is no simple command. */
export const SHELL_KEYWORDS: ReadonlySet<string> = new Set(data.shells.keywords);

/** Builtins behind which we do not follow a line. */
export const UNFOLLOWED_IN_SHELL: ReadonlySet<string> = new Set(data.shells.unfollowed);

/** PATH of a Linux container whose image tells none (moby `oci.DefaultPathEnv`, containerd `WithDefaultPathEnv`). */
export const DEFAULT_PATH: string = data.defaultPath;
