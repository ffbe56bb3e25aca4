import { type Assignment, literalOf, type Word } from "./script.ts";

/** How a program that runs another is called, before the other's name. */
interface Wrapper {
  /** Letters of short options that take a value (in the same word, or the next). */
  readonly short: string;
  /** Long options whose value is the next word. */
  readonly long: readonly string[];
  /** How many words of its own stand before the command. */
  readonly positional: number;
  /** `NAME=value` before the command is its environment. */
  readonly environment: boolean;
  /** With one of these options it does not run the command. */
  readonly unless?: RegExp | undefined;
}

const plain: Wrapper = { short: "", long: [], positional: 0, environment: false };

/** From the manual pages of sudo 1.9, coreutils 9.4, util-linux 2.39 and bash 5.2 (read 2026-11). */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: {
    short: "ugpCThURDrt",
    long: ["--user", "--group", "--prompt", "--host", "--chdir", "--chroot", "--close-from", "--command-timeout", "--other-user", "--role", "--type"],
    positional: 0,
    environment: true,
    unless: /^-[a-zA-Z]*[lvVKke]$|^--(?:list|validate|version|edit|remove-timestamp)$/,
  },
  doas: { ...plain, short: "uC" },
  env: { ...plain, short: "uC", long: ["--unset", "--chdir"], environment: true, unless: /^-S|^--split-string/ },
  time: { ...plain, short: "fo", long: ["--format", "--output"] },
  nice: { ...plain, short: "n", long: ["--adjustment"] },
  ionice: { ...plain, short: "cnpPu", long: ["--class", "--classdata"] },
  timeout: { ...plain, short: "sk", long: ["--signal", "--kill-after"], positional: 1 },
  stdbuf: { ...plain, short: "ioe", long: ["--input", "--output", "--error"] },
  exec: { ...plain, short: "a" },
  command: { ...plain, unless: /^-[pvV]*[vV]/ },
  builtin: plain,
  nohup: plain,
  setsid: plain,
  chronic: plain,
};

/** Scripts called `retry` are many, and alike: options and numbers, then the command. */
const RETRY = /(?:^|\/)retry(?:\.sh)?$/;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;

export interface Unwrapped {
  readonly words: readonly [Word, ...Word[]];
  readonly wrappers: readonly string[];
  readonly environment: readonly Assignment[];
}

/** Looks through `sudo -E`, `env A=b`, `timeout 5m` and the like to the command that they run. A wrapper alone is the command. */
export function unwrap(words: readonly Word[]): Unwrapped {
  let rest = words;
  const wrappers: string[] = [];
  const environment: Assignment[] = [];
  for (;;) {
    const name = rest[0] === undefined ? undefined : literalOf(rest[0])?.replace(/^.*\/(?=sudo$|env$|timeout$|nice$|nohup$|time$)/, "");
    const inner = name === undefined ? undefined : behind(name, rest);
    if (name === undefined || inner === undefined) break;
    wrappers.push(name);
    environment.push(...inner.environment);
    rest = inner.words;
  }
  return { words: rest as readonly [Word, ...Word[]], wrappers, environment };
}

function behind(name: string, words: readonly Word[]): { readonly words: readonly Word[]; readonly environment: readonly Assignment[] } | undefined {
  if (RETRY.test(name)) return behindRetry(words);
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (wrapper === undefined) return undefined;
  const environment: Assignment[] = [];
  let positional = wrapper.positional;
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as Word;
    const text = literalOf(word) ?? "";
    if (text === "--") continue;
    if (text.startsWith("-") && text.length > 1) {
      if (wrapper.unless?.test(text) === true) return undefined;
      const short = /^-[A-Za-z]+$/.test(text) && wrapper.short.includes(text.at(-1) as string);
      if (short || wrapper.long.includes(text)) i++;
      continue;
    }
    const assigned = wrapper.environment ? assignmentOf(word) : undefined;
    if (assigned !== undefined) environment.push(assigned);
    else if (positional > 0) positional--;
    else return { words: words.slice(i), environment };
  }
  return undefined;
}

function behindRetry(words: readonly Word[]): { readonly words: readonly Word[]; readonly environment: readonly Assignment[] } | undefined {
  const at = words.findIndex((word, i) => i > 0 && !/^-|^[0-9]+[smh]?$|^$/.test(literalOf(word) ?? "?"));
  const command = at === -1 ? undefined : words[at];
  // A whole command in one word would need a shell to read it.
  if (command === undefined || /\s/.test(literalOf(command) ?? "")) return undefined;
  return { words: words.slice(at), environment: [] };
}

function assignmentOf(word: Word): Assignment | undefined {
  const [first, ...others] = word.parts;
  if (first?.kind !== "text") return undefined;
  const [head, name] = ASSIGNMENT.exec(first.text) ?? [];
  if (head === undefined || name === undefined) return undefined;
  const start = Math.min(word.span.start + head.length, word.span.end);
  const value = first.text.slice(head.length);
  const parts = value === "" ? others : [{ ...first, text: value, span: { start: Math.min(start, first.span.end), end: first.span.end } }, ...others];
  return { name, append: false, value: { parts, span: { start, end: word.span.end } }, elements: undefined, span: word.span };
}
