/** What a function of make gets: its arguments as written, and how to read them. */
export interface MakeCall {
  /** Between commas, unexpanded; blanks before the first are gone. */
  readonly arguments: readonly string[];
  /** Expands a text, with further names set: those of `foreach`, and `1`, `2`, … of `call`. */
  readonly expand: (text: string, names?: Readonly<Record<string, string>>) => string;
  /** Expands a variable. */
  readonly variable: (name: string, names: Readonly<Record<string, string>>) => string;
  readonly isUnknown: (text: string) => boolean;
  /** Reads a text as lines of the Makefile. */
  readonly assign: (text: string) => void;
  /** Takes a variable that nothing sets for empty, which is a guess: the environment may hold it. False when the text is no such variable. */
  readonly guessEmpty: (text: string) => boolean;
}

const NAME = /^([a-z-]+)[ \t\n]+(.*)$/s;
/** Arguments of `call` beyond those that are given are empty. */
const MOST_ARGUMENTS = 10;
const MOST_WORDS = 1000;

/** The function that a reference calls, with what stands behind its name; undefined when it is a variable. */
export function calledFunction(reference: string): { readonly name: string; readonly rest: string } | undefined {
  const [, name, rest] = NAME.exec(reference) ?? [];
  return name === undefined || rest === undefined ? undefined : { name, rest };
}

/** What a function gives (GNU make 4.4 manual, chapter 8); undefined for one that cannot be known, as `$(shell …)`. */
export function callFunction(name: string, rest: string, call: Omit<MakeCall, "arguments">): string | undefined {
  const control = CONTROL.get(name);
  if (control !== undefined) return control({ ...call, arguments: splitArguments(rest) });
  const pure = TEXTS.get(name);
  if (pure === undefined) return undefined;
  const [a = "", b = "", c = ""] = splitArguments(rest, pure.length).map((text) => call.expand(text));
  return [a, b, c].some(call.isUnknown) ? undefined : pure(a, b, c);
}

/** At commas outside brackets. @param most  the last argument holds all further commas */
function splitArguments(text: string, most = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let i = 0; i < text.length && parts.length < most - 1; i++) {
    const character = text[i];
    if (character === "(" || character === "{") depth++;
    else if (character === ")" || character === "}") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

const table = <T>(entries: Readonly<Record<string, T>>): ReadonlyMap<string, T> => new Map(Object.entries(entries));

const CONTROL = table<(call: MakeCall) => string | undefined>({
  call({ arguments: [name = "", ...given], expand, variable }) {
    const names: Record<string, string> = { 0: expand(name).trim() };
    for (let i = 1; i < MOST_ARGUMENTS; i++) names[i] = expand(given[i - 1] ?? "");
    return variable(names[0] as string, names);
  },
  if({ arguments: [condition = "", then = "", ...others], expand, isUnknown, guessEmpty }) {
    const met = expand(condition.trim());
    if (!isUnknown(met) && met !== "") return expand(then);
    const otherwise = expand(others.join(","));
    if (!isUnknown(met) || expand(then) === otherwise) return otherwise;
    return guessEmpty(condition.trim()) ? otherwise : undefined;
  },
  foreach({ arguments: [name = "", list = "", ...texts], expand }) {
    const words = wordsOf(expand(list));
    if (words.length > MOST_WORDS) return undefined;
    const key = expand(name).trim();
    return words.map((word) => expand(texts.join(","), { [key]: word })).join(" ");
  },
  or({ arguments: given, expand, isUnknown }) {
    const found = given.map((one) => expand(one.trim())).find((one) => one !== "");
    return found !== undefined && isUnknown(found) ? undefined : (found ?? "");
  },
  and({ arguments: given, expand, isUnknown }) {
    const all = given.map((one) => expand(one.trim()));
    const empty = all.indexOf("");
    const unknown = all.findIndex(isUnknown);
    if (empty !== -1) return "";
    return unknown === -1 ? all.at(-1) : undefined;
  },
  strip: ({ arguments: given, expand }) => wordsOf(expand(given.join(","))).join(" "),
  eval({ arguments: given, expand, assign }) {
    assign(expand(given.join(",")));
    return "";
  },
  info: () => "",
  warning: () => "",
});

/** Its count of parameters says at how many commas its arguments are told apart. */
type TextFunction = (a: string, b: string, c: string) => string;

const each = (texts: string, make: (word: string) => string): string => wordsOf(texts).map(make).join(" ");

const TEXTS = table<TextFunction>({
  subst: (from: string, to: string, text: string) => (from === "" ? text + to : text.replaceAll(from, () => to)),
  patsubst: patternSubstituted,
  filter: (patterns: string, text: string) => kept(text, patterns, true),
  "filter-out": (patterns: string, text: string) => kept(text, patterns, false),
  findstring: (wanted: string, text: string) => (text.includes(wanted) ? wanted : ""),
  sort: (text: string) => [...new Set(wordsOf(text))].sort().join(" "),
  words: (text: string) => String(wordsOf(text).length),
  word: (at: string, text: string) => wordsOf(text)[Number(at) - 1] ?? "",
  firstword: (text: string) => wordsOf(text)[0] ?? "",
  lastword: (text: string) => wordsOf(text).at(-1) ?? "",
  addprefix: (prefix: string, text: string) => each(text, (word) => prefix + word),
  addsuffix: (suffix: string, text: string) => each(text, (word) => word + suffix),
  join(befores: string, afters: string) {
    const [a, b] = [wordsOf(befores), wordsOf(afters)];
    return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? "") + (b[i] ?? "")).join(" ");
  },
  wordlist: (from: string, to: string, text: string) =>
    wordsOf(text)
      .slice(Math.max(Number(from) - 1, 0), Number(to))
      .join(" "),
  dir: (text: string) => each(text, (word) => word.slice(0, word.lastIndexOf("/") + 1) || "./"),
  notdir: (text: string) => each(text, (word) => word.slice(word.lastIndexOf("/") + 1)),
  suffix: (text: string) => wordsOf(text).map(suffixOf).filter(Boolean).join(" "),
  basename: (text: string) => each(text, (word) => word.slice(0, word.length - suffixOf(word).length)),
});

const suffixOf = (word: string): string => /\.[^./]*$/.exec(word)?.[0] ?? "";

/** `$(patsubst pattern,to,text)`, which is `$(NAME:pattern=to)` too. */
export function patternSubstituted(pattern: string, to: string, text: string): string {
  return each(text, (word) => substituted(word, pattern.trim(), to.trim()));
}

function kept(text: string, patterns: string, wanted: boolean): string {
  const all = wordsOf(patterns);
  return wordsOf(text)
    .filter((word) => all.some((pattern) => stemOf(word, pattern) !== undefined) === wanted)
    .join(" ");
}

function substituted(word: string, pattern: string, to: string): string {
  const stem = stemOf(word, pattern);
  return stem === undefined ? word : pattern.includes("%") ? to.replace("%", () => stem) : to;
}

function stemOf(word: string, pattern: string): string | undefined {
  const at = pattern.indexOf("%");
  if (at === -1) return word === pattern ? "" : undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  if (word.length < before.length + after.length || !word.startsWith(before) || !word.endsWith(after)) return undefined;
  return word.slice(before.length, word.length - after.length);
}

/** Words between blanks; an unknown piece does not fall apart. */
const wordsOf = (text: string): string[] => text.match(/(?:\$\{\{.*?\}\}|\S)+/g) ?? [];
