import type { BakeHole, BakeParts } from "../bake-file.ts";
import { equals, flag, joined, kindName, list, merged, number, numberOf, partsOf, text, textOf, unknown, type Value } from "../value.ts";
import { type BakeFunction, itemsOf, listOfTexts, Mistake, ofKnown, ofTexts, textsOf, wrongCount } from "./function.ts";
import { goRegExp, replaced } from "./patterns.ts";

const ANY = Number.POSITIVE_INFINITY;
const LONGEST_TEXT = 1 << 20;

const chars = (known: string): string[] => Array.from(known);

/** Over the parts of a text, where the work on a stretch does not hang on its neighbours. */
const byStretch =
  (work: (known: string) => string): BakeFunction =>
  ([given], source) => {
    if (given === undefined) return wrongCount(1, 1, 0);
    const parts = partsOf(given);
    if (parts === undefined) return new Mistake(`wants a text, not ${kindName(given)}`);
    if (given.kind === "unknown") return unknown(source);
    return { kind: "text", parts: merged(parts.map((part) => (typeof part === "string" ? work(part) : part))) };
  };

/** Takes from the ends only: a hole at an end is left as it is. */
const atEnds =
  (start: (known: string, by: string) => string, end: (known: string, by: string) => string, least: number): BakeFunction =>
  (given, source) => {
    if (given.length !== least) return wrongCount(least, least, given.length);
    const parts = given[0] && partsOf(given[0]);
    const by = given[1] === undefined ? "" : partsOf(given[1])?.map((part) => (typeof part === "string" ? part : undefined));
    if (parts === undefined || by === undefined) return new Mistake("wants texts");
    if (given[0]?.kind === "unknown" || (by !== "" && by.includes(undefined))) return unknown(source);
    const mark = by === "" ? "" : by.join("");
    const cut = [...parts];
    if (typeof cut[0] === "string") cut[0] = start(cut[0], mark);
    const last = cut.length - 1;
    if (typeof cut[last] === "string") cut[last] = end(cut[last], mark);
    return { kind: "text", parts: merged(cut) };
  };

const same = (known: string): string => known;

function trimmed(known: string, set: string, side: "start" | "end"): string {
  const members = new Set(set);
  const all = chars(known);
  let [from, to] = [0, all.length];
  if (side === "start") while (from < to && members.has(all[from] as string)) from++;
  else while (to > from && members.has(all[to - 1] as string)) to--;
  return all.slice(from, to).join("");
}

const join: BakeFunction = (given, source) => {
  const [separator, ...lists] = given;
  const by = separator && partsOf(separator);
  if (by === undefined || lists.length === 0) return lists.length === 0 ? wrongCount(2, ANY, given.length) : new Mistake("wants a text to join by");
  const parts: (string | BakeHole)[] = [];
  let first = true;
  for (const one of lists) {
    if (one.kind === "unknown" || (one.kind === "list" && one.open)) return unknown(source);
    const items = itemsOf(one);
    if (items === undefined) return new Mistake(`wants lists to join, not ${kindName(one)}`);
    for (const item of items) {
      const texts = partsOf(item);
      if (texts === undefined) return new Mistake(`wants lists of texts, and ${kindName(item)} is in one`);
      if (!first) parts.push(...by);
      first = false;
      parts.push(...texts);
    }
  }
  return { kind: "text", parts: merged(parts) };
};

const format: BakeFunction = (given, source) => {
  const [pattern, ...values] = given;
  const known = pattern && partsOf(pattern);
  if (known === undefined) return new Mistake("wants a text to format");
  if (known.some((part) => typeof part !== "string")) return unknown(source);
  return formatted(joined(known) ?? "", values, source);
};

/** Go's verbs, as far as HCL has them. */
function formatted(pattern: string, values: readonly Value[], source: string): Value | Mistake {
  const parts: (string | BakeHole)[] = [];
  let next = 0;
  let at = 0;
  for (const found of pattern.matchAll(/%(?:%|([ 0+#-]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z]))/g)) {
    parts.push(pattern.slice(at, found.index));
    at = found.index + found[0].length;
    if (found[0] === "%%") {
      parts.push("%");
      continue;
    }
    const [, flags = "", width = "", precision, position, verb = ""] = found;
    const index = position === undefined ? next++ : Number(position) - 1;
    const value = values[index];
    if (value === undefined) return new Mistake(`wants an argument more for "${found[0]}"`);
    if (Number(width) > LONGEST_TEXT) return unknown(source);
    const shown = verbatim(value, verb, flags, Number(width), precision === undefined ? undefined : Number(precision));
    if (shown === undefined) return unknown(source);
    if (shown instanceof Mistake) return shown;
    parts.push(...shown);
  }
  parts.push(pattern.slice(at));
  return { kind: "text", parts: merged(parts) };
}

function verbatim(value: Value, verb: string, flags: string, width: number, precision: number | undefined): BakeParts | Mistake | undefined {
  const parts = partsOf(value);
  const known = parts && joined(parts);
  if (verb === "s" || verb === "v") {
    if (parts === undefined) return verb === "v" ? undefined : new Mistake(`wants a text for "%s", not ${kindName(value)}`);
    if (known === undefined) return width === 0 && precision === undefined ? parts : undefined;
    return [padded(precision === undefined ? known : chars(known).slice(0, precision).join(""), width, flags.replace("0", ""))];
  }
  if (value.kind === "unknown" || known === undefined) return undefined;
  if (verb === "q") return [padded(JSON.stringify(known), width, flags)];
  if (verb === "t") return [padded(known, width, flags)];
  const amount = numberOf(value);
  if (amount === undefined) return new Mistake(`wants a number for "%${verb}"`);
  const sign = amount >= 0 && flags.includes("+") ? "+" : "";
  if (verb === "d") return [padded(sign + String(Math.trunc(amount)), width, flags)];
  if (verb === "x" || verb === "X" || verb === "o" || verb === "b") {
    const digits = Math.trunc(amount).toString(verb === "o" ? 8 : verb === "b" ? 2 : 16);
    return [padded(sign + (verb === "X" ? digits.toUpperCase() : digits), width, flags)];
  }
  return verb === "f" ? [padded(sign + amount.toFixed(Math.min(precision ?? 6, 100)), width, flags)] : undefined;
}

function padded(shown: string, width: number, flags: string): string {
  if (flags.includes("-")) return shown.padEnd(width);
  if (!flags.includes("0")) return shown.padStart(width);
  const sign = /^[+-]/.exec(shown)?.[0] ?? "";
  return sign + shown.slice(sign.length).padStart(width - sign.length, "0");
}

const formatlist: BakeFunction = (given, source) => {
  const [pattern, ...values] = given;
  const known = pattern && partsOf(pattern);
  if (known === undefined) return new Mistake("wants a text to format");
  if (known.some((part) => typeof part !== "string") || values.some((value) => value.kind === "unknown" || (value.kind === "list" && value.open)))
    return unknown(source);
  const lengths = values.flatMap((value) => (value.kind === "list" ? [value.items.length] : []));
  const length = lengths.length === 0 ? 1 : (lengths[0] as number);
  if (lengths.some((other) => other !== length)) return new Mistake("wants lists of one length");
  const items: Value[] = [];
  for (let i = 0; i < length; i++) {
    const one = formatted(
      joined(known) ?? "",
      values.map((value) => (value.kind === "list" ? (value.items[i] as Value) : value)),
      source,
    );
    if (one instanceof Mistake) return one;
    items.push(one);
  }
  return list(items);
};

const split: BakeFunction = (given, source) => {
  const [separator, whole] = given.map(partsOf);
  if (given.length !== 2 || separator === undefined || whole === undefined)
    return given.length === 2 ? new Mistake("wants two texts") : wrongCount(2, 2, given.length);
  const known = joined(whole);
  if (known === undefined || separator.some((part) => typeof part !== "string")) return { ...unknown(source) };
  const by = joined(separator) ?? "";
  return listOfTexts(by === "" ? chars(known) : known.split(by));
};

function titled(known: string): string {
  return known.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

function substring(known: string, from: number, length: number): string {
  const all = chars(known);
  let start = from;
  if (start < 0) start += all.length;
  if (length === 0 || start < 0) return length === 0 ? "" : all.slice(0, length < 0 ? undefined : length).join("");
  return all.slice(start, length < 0 ? undefined : start + length).join("");
}

const substr = ofKnown(([whole, from, length]) => {
  const known = textOf(whole);
  const [start, count] = [from && numberOf(from), length && numberOf(length)];
  return known === undefined || start === undefined || count === undefined ? new Mistake("wants a text and two numbers") : text(substring(known, start, count));
}, 3);

const regex = ofTexts((pattern, whole) => {
  const compiled = goRegExp(pattern);
  if (compiled === undefined) return unknown(`regex("${pattern}")`);
  const found = compiled.exec(whole);
  if (found === null) return new Mistake(`finds nothing by "${pattern}"`);
  return captured(found);
}, 2);

function captured(found: RegExpExecArray): Value {
  const part = (one: string | undefined): Value => (one === undefined ? { kind: "null" } : text(one));
  if (found.groups !== undefined) return { kind: "map", entries: new Map(Object.entries(found.groups).map(([name, one]) => [name, part(one)])), open: false };
  return found.length === 1 ? text(found[0]) : list(found.slice(1).map(part));
}

const regexall = ofTexts((pattern, whole) => {
  const compiled = goRegExp(pattern);
  return compiled === undefined ? unknown(`regexall("${pattern}")`) : list([...whole.matchAll(new RegExp(compiled, `${compiled.flags}g`))].map(captured));
}, 2);

const coalesce: BakeFunction = (given, source) => {
  for (const value of given) {
    if (value.kind === "unknown") return unknown(source);
    if (value.kind !== "null") return value;
  }
  return new Mistake("wants an argument that is not null");
};

const equal: BakeFunction = (given, source) => {
  const [a, b] = given;
  if (a === undefined || b === undefined || given.length !== 2) return wrongCount(2, 2, given.length);
  const answer = equals(a, b);
  return answer === undefined ? unknown(source) : flag(answer);
};

const notequal: BakeFunction = (given, source) => {
  const answer = equal(given, source);
  return !(answer instanceof Mistake) && answer.kind === "flag" ? flag(!answer.value) : answer;
};

export const TEXT_FUNCTIONS: Readonly<Record<string, BakeFunction>> = {
  join,
  split,
  format,
  formatlist,
  substr,
  regex,
  regexall,
  regex_replace: ofTexts((whole, pattern, by) => {
    const compiled = goRegExp(pattern);
    return compiled === undefined ? unknown(`regex_replace("${pattern}")`) : text(replaced(whole, compiled, by));
  }, 3),
  replace: ofTexts((whole, what, by) => text(whole.replaceAll(what, () => by)), 3),
  lower: byStretch((known) => known.toLowerCase()),
  upper: byStretch((known) => known.toUpperCase()),
  title: ofTexts((known) => text(titled(known)), 1),
  trimspace: atEnds(
    (known) => known.trimStart(),
    (known) => known.trimEnd(),
    1,
  ),
  trim: atEnds(
    (known, set) => trimmed(known, set, "start"),
    (known, set) => trimmed(known, set, "end"),
    2,
  ),
  trimprefix: atEnds((known, mark) => (known.startsWith(mark) ? known.slice(mark.length) : known), same, 2),
  trimsuffix: atEnds(same, (known, mark) => (mark !== "" && known.endsWith(mark) ? known.slice(0, -mark.length) : known), 2),
  chomp: ofTexts((known) => text(known.replace(/[\r\n]+$/, "")), 1),
  indent: ofKnown(([width, whole]) => {
    const [spaces, known] = [width && numberOf(width), textOf(whole)];
    if (spaces === undefined || known === undefined || spaces < 0 || spaces > LONGEST_TEXT) return new Mistake("wants a number and a text");
    return text(known.replaceAll("\n", `\n${" ".repeat(spaces)}`));
  }, 2),
  reverse: ofTexts((known) => text(chars(known).reverse().join("")), 1),
  strlen: ofTexts((known) => number(chars(known).length), 1),
  basename: ofTexts((known) => text(known === "" ? "." : known.replace(/\/+$/, "").split("/").at(-1) || "/"), 1),
  dirname: ofTexts((known) => text(directoryOf(known)), 1),
  sanitize: ofTexts((known) => text(known.replace(/[^a-zA-Z0-9_-]/gu, "_")), 1),
  coalesce,
  equal,
  notequal,
  sort: ofKnown(([given]) => {
    const texts = textsOf(given);
    return texts === undefined ? new Mistake("wants a list of texts") : listOfTexts(texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }, 1),
  compact: ofKnown(([given]) => {
    const texts = textsOf(given);
    return texts === undefined ? new Mistake("wants a list of texts") : listOfTexts(texts.filter((one) => one !== ""));
  }, 1),
};

function directoryOf(path: string): string {
  const cut = path.slice(0, path.lastIndexOf("/") + 1);
  const names: string[] = [];
  for (const name of cut.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (name !== ".." || !cut.startsWith("/")) names.push(name);
  }
  return (cut.startsWith("/") ? "/" : "") + names.join("/") || ".";
}
