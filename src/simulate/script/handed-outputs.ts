import type { Within } from "../../shell/script.ts";
import { type Hole, type Text, textOf } from "../text.ts";

/** One write to `$GITHUB_OUTPUT`. */
export interface OutputWrite {
  readonly name: string;
  readonly value: Text;
  readonly sure: boolean;
  readonly within: readonly Within[];
  /** Of the script's text that encloses it, by span. */
  readonly script: string;
}

/** More values than these are as good as unknown. */
const MOST_CHOICES = 16;

/** What each output holds in the end: the last sure write, or one of those that may come after it. */
export function outputsOf(writes: readonly OutputWrite[]): ReadonlyMap<string, Text> {
  const byName = new Map<string, OutputWrite[]>();
  for (const write of writes) {
    const all = byName.get(write.name);
    if (all === undefined || write.sure) byName.set(write.name, [write]);
    else all.push(write);
  }
  return new Map([...byName].map(([name, all]) => [name, oneOf(name, all)]));
}

function oneOf(name: string, writes: readonly OutputWrite[]): Text {
  const [first] = writes as readonly [OutputWrite, ...OutputWrite[]];
  if (first.sure && writes.length === 1) return first.value;
  const choices = new Set<string>();
  if (!first.sure && !exhaustive(writes)) choices.add("");
  for (const { value } of writes) {
    for (const choice of choicesOf(value) ?? []) choices.add(choice);
    if (choicesOf(value) === undefined) return unknown(name, writes, undefined);
  }
  const [only] = choices;
  if (choices.size === 1 && only !== undefined) return { parts: only === "" ? [] : [only], place: first.value.place };
  return unknown(name, writes, choices.size <= MOST_CHOICES ? [...choices] : undefined);
}

function choicesOf(value: Text): readonly string[] | undefined {
  const known = textOf(value);
  if (known !== undefined) return [known];
  const [only] = value.parts;
  return value.parts.length === 1 && typeof only === "object" ? only.choices : undefined;
}

function unknown(name: string, writes: readonly OutputWrite[], choices: readonly string[] | undefined): Text {
  const atoms = [...new Set(writes.flatMap(({ value }) => value.parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms))))];
  const hole: Hole = choices === undefined ? { source: `$${name}`, atoms } : { source: `$${name}`, atoms, choices };
  return { parts: [hole], place: (writes[0] as OutputWrite).value.place };
}

/** Whether one of the writes is certain to happen: every branch of one `if … else` has one. */
function exhaustive(writes: readonly OutputWrite[]): boolean {
  const branches = new Map<string, { readonly seen: Set<number>; readonly text: string }>();
  for (const { within, script } of writes) {
    const conditions = within.filter(
      ({ kind }) => kind === "if" || kind === "and" || kind === "or" || kind === "loop" || kind === "case" || kind === "exit" || kind === "trap",
    );
    const [only] = conditions;
    if (conditions.length !== 1 || only?.kind !== "if") return false;
    const key = `${only.span.start}:${only.span.end}`;
    const entry = branches.get(key) ?? { seen: new Set<number>(), text: script.slice(only.span.start, only.span.end) };
    entry.seen.add(only.branch);
    branches.set(key, entry);
  }
  const [single] = [...branches.values()];
  if (branches.size !== 1 || single === undefined) return false;
  const clauses = 1 + (single.text.match(/(?:^|[;\n])\s*(?:elif|else)\b/g) ?? []).length;
  return /(?:^|[;\n])\s*else\b/.test(single.text) && single.seen.size === clauses;
}
