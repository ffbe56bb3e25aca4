import { nearest } from "../core/nearest.ts";
import type { Flag, Word } from "./ast.ts";
import type { Complaints } from "./complaints.ts";

/** What a flag takes: one text, a list (the flag may be repeated), or true or false. */
export type FlagKind = "text" | "list" | "switch";

/** An instruction's flags, checked. */
export interface FlagValues {
  /** Absent when not given or given as nothing (`--from=`), which BuildKit does not tell apart. */
  text(name: string): Word | undefined;
  list(name: string): readonly Word[];
  /** Absent when not given. */
  switch(name: string): boolean | undefined;
}

/** Checks flags against those that the instruction knows; what is wrong is complained of and left out. */
export function readFlags(keyword: string, flags: readonly Flag[], known: Readonly<Record<string, FlagKind>>, complaints: Complaints): FlagValues {
  const values = new Map<string, Word[]>();
  const switches = new Map<string, boolean>();
  const seen = new Set<string>();
  for (const flag of flags) {
    const kind = Object.hasOwn(known, flag.name) ? known[flag.name] : undefined;
    if (kind === undefined) {
      complaints.error(flag.span, `${keyword} has no flag "--${flag.name}"`, hintFor(flag.name, Object.keys(known)));
      continue;
    }
    if (seen.has(flag.name) && kind !== "list") {
      complaints.error(flag.span, `flag --${flag.name} is given twice`, "remove one of them");
      continue;
    }
    seen.add(flag.name);
    if (kind === "switch") {
      const value = switchValue(flag);
      if (value === undefined)
        complaints.error(flag.span, `flag --${flag.name} is true or false, not "${flag.value?.text}"`, `write --${flag.name} or --${flag.name}=false`);
      else switches.set(flag.name, value);
    } else if (flag.value === undefined) {
      complaints.error(flag.span, `flag --${flag.name} needs a value`, `write --${flag.name}=VALUE, without a space`);
    } else {
      const before = values.get(flag.name);
      if (before === undefined) values.set(flag.name, [flag.value]);
      else before.push(flag.value);
    }
  }
  return {
    text: (name) => values.get(name)?.find(({ text }) => text !== ""),
    list: (name) => values.get(name) ?? [],
    switch: (name) => switches.get(name),
  };
}

function switchValue({ value }: Flag): boolean | undefined {
  if (value === undefined) return true;
  const said = value.text.toLowerCase();
  return said === "true" ? true : said === "false" ? false : undefined;
}

function hintFor(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean --${near}?`;
  return known.length === 0
    ? 'it takes no flags; a first word that begins with "--" needs "--" before it'
    : `its flags are ${known.map((one) => `--${one}`).join(", ")}`;
}
