import { SHELL_VALUE_OPTIONS, type Wrapper } from "../../facts/wrappers.ts";

/** What a wrapper (`env`, `tini`, `gosu` …) runs. */
export interface Wrapped {
  /** The program and its arguments; never empty. */
  readonly words: readonly string[];
  /** Of `NAME=value` before it. */
  readonly assignments: readonly (readonly [name: string, value: string])[];
  /** It changes folder or forgets the environment before it looks the program up. */
  readonly elsewhere: boolean;
}

const ASSIGNMENT = /^([^=]+)=(.*)$/s;

/**
 * Reads a wrapper's arguments.
 * @param words  the wrapper's own name first
 * @returns undefined when it runs no program, or an option is of a form that is not known
 */
export function readWrapped(wrapper: Wrapper, words: readonly string[]): Wrapped | undefined {
  let rest: readonly string[] = words.slice(1);
  let elsewhere = false;
  for (let word = rest[0]; word?.startsWith("-") === true; word = rest[0]) {
    if (wrapper.instead.includes(word)) return undefined;
    rest = rest.slice(1);
    if (word === "--") break;
    if (wrapper.assignments) {
      if (word === "-" || /^-[a-zA-Z]*[iC]|^--(?:ignore-environment|chdir|chroot)/.test(word)) elsewhere = true;
      const split = splitString(word, rest);
      if (split === "unread") return undefined;
      if (split !== undefined) {
        rest = split;
        continue;
      }
    }
    if (word.startsWith("--")) {
      if (!word.includes("=") && wrapper.long.includes(word)) rest = rest.slice(1);
    } else if (word.length > 1 && takesNext(wrapper, word)) rest = rest.slice(1);
  }
  rest = rest.slice(wrapper.operands);
  const assignments: [string, string][] = [];
  for (let match = ASSIGNMENT.exec(rest[0] ?? ""); wrapper.assignments && match !== null; match = ASSIGNMENT.exec(rest[0] ?? "")) {
    assignments.push([match[1] as string, match[2] as string]);
    rest = rest.slice(1);
  }
  return rest.length === 0 ? undefined : { words: rest, assignments, elsewhere };
}

/** The last letter of a cluster takes the next word; one before it takes the cluster's rest. */
function takesNext(wrapper: Wrapper, word: string): boolean {
  for (let at = 1; at < word.length; at++) if (wrapper.short.includes(word.charAt(at))) return at === word.length - 1;
  return false;
}

/** `env -S "node --flag"`: the words of one argument. Undefined: it is another option. */
function splitString(option: string, rest: readonly string[]): readonly string[] | "unread" | undefined {
  const match = /^(?:-[iv0]*S|--split-string(?:=|$))(.*)$/s.exec(option);
  if (match === null) return undefined;
  const joined = match[1] !== "";
  const text = joined ? (match[1] as string) : (rest[0] ?? "");
  if (/[\\$'"#]/.test(text)) return "unread";
  return [...text.split(/\s+/).filter((part) => part !== ""), ...(joined ? rest : rest.slice(1))];
}

/** What a shell is to run. */
export type ShellRun =
  /** `-c`: `positional` is `$0`, `$1` …; `login`: it reads its profile first, which may set PATH. */
  | { readonly kind: "line"; readonly line: string; readonly positional: readonly string[]; readonly login: boolean }
  | { readonly kind: "script"; readonly path: string };

/** @returns undefined for an interactive shell, or one that reads its commands elsewhere */
export function readShellRun(words: readonly string[]): ShellRun | undefined {
  let rest = words.slice(1);
  let takesLine = false;
  let login = words[0]?.startsWith("-") === true;
  for (let word = rest[0]; word !== undefined && /^[-+]./.test(word); word = rest[0]) {
    rest = rest.slice(1);
    if (word === "--") break;
    if (word === "--login") login = true;
    if (SHELL_VALUE_OPTIONS.has(word)) rest = rest.slice(1);
    if (!/^-[a-zA-Z]/.test(word) || SHELL_VALUE_OPTIONS.has(word)) continue;
    if (word.includes("s")) return undefined;
    if (word.includes("c")) takesLine = true;
    if (word.includes("l")) login = true;
    if (word.endsWith("o")) rest = rest.slice(1);
  }
  const [first, ...positional] = rest;
  if (first === undefined) return undefined;
  return takesLine
    ? { kind: "line", line: first, positional: positional.length === 0 ? [words[0] ?? "sh"] : positional, login }
    : { kind: "script", path: first };
}
