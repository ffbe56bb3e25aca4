import { knownStart, mayBeMany, textOf, type Value, valueAfter } from "./values.ts";

/**
 * A command's flags, as `long` or `long s` (with its short letter). Long names are without dashes.
 * `text`: takes a value, the last one counts. `list`: takes a value, may be repeated. `switch`: takes none (`--x=false` undoes it).
 * `optional`: takes a value only in the same word (`--x=y`, `-xy`).
 */
export interface FlagTable {
  readonly text?: readonly string[] | undefined;
  readonly list?: readonly string[] | undefined;
  readonly switch?: readonly string[] | undefined;
  readonly optional?: readonly string[] | undefined;
  /** True when the first argument that is no flag ends the flags (`docker run`, `docker` itself). */
  readonly flagsFirst?: boolean | undefined;
}

/** A command's arguments, sorted. */
export interface Arguments {
  /** The last value that a flag was given, or undefined. */
  last(flag: string): Value | undefined;
  all(flag: string): readonly Value[];
  /** Whether a switch is on; false when it is not given, undefined when it is given something unknown. */
  on(flag: string): boolean | undefined;
  /** Whether a flag is given at all. */
  given(flag: string): boolean;
  readonly positional: readonly Value[];
  /** Flags that the table does not have. */
  readonly unknown: readonly Value[];
  /** Arguments that could be anything, flags too: an unknown variable without quotes. */
  readonly opaque: readonly Value[];
}

type Kind = "text" | "list" | "switch" | "optional";

interface Flag {
  readonly name: string;
  readonly kind: Kind;
}

/** Sorts arguments by a table, as GNU getopt and Go's pflag do: `--x y`, `--x=y`, `-xy`, `-x y`, `-x=y`, `-abc`, `--`. */
export function readArguments(values: readonly Value[], table: FlagTable): Arguments {
  const flags = flagsOf(table);
  const found = new Map<string, Value[]>();
  const switches = new Map<string, boolean | undefined>();
  const positional: Value[] = [];
  const unknown: Value[] = [];
  const opaque: Value[] = [];
  const add = (flag: Flag, value: Value): void => {
    const all = found.get(flag.name);
    if (all === undefined) found.set(flag.name, [value]);
    else all.push(value);
  };
  const give = (flag: Flag, value: Value | undefined): void => {
    if (flag.kind === "switch") switches.set(flag.name, value === undefined ? true : truth(textOf(value)));
    else if (value !== undefined) add(flag, value);
    else switches.set(flag.name, true);
  };
  let over = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Value;
    const start = knownStart(value);
    if (over || start === "-" || (!start.startsWith("-") && start !== "")) {
      positional.push(value);
      if (table.flagsFirst === true) over = true;
      continue;
    }
    if (start === "") {
      // An unquoted unknown stands where a name is expected as often as where flags are.
      if (mayBeMany(value)) opaque.push(value);
      positional.push(value);
      if (table.flagsFirst === true && !mayBeMany(value)) over = true;
      continue;
    }
    if (textOf(value) === "--") {
      over = true;
      continue;
    }
    if (start.startsWith("--")) {
      const equals = start.indexOf("=");
      const flag = flags.long.get(equals === -1 ? start.slice(2) : start.slice(2, equals));
      if (flag === undefined || (equals === -1 && textOf(value) === undefined)) {
        (flag === undefined && textOf(value) === undefined && equals === -1 ? opaque : unknown).push(value);
      } else if (equals !== -1) give(flag, valueAfter(value, equals + 1));
      else if (flag.kind === "switch" || flag.kind === "optional") give(flag, undefined);
      else {
        const next = values[++i];
        if (next !== undefined) add(flag, next);
      }
      continue;
    }
    i += readShort(value, start, values[i + 1], flags.short, give, unknown);
  }
  return {
    last: (name) => found.get(name)?.at(-1),
    all: (name) => found.get(name) ?? [],
    on: (name) => (switches.has(name) ? switches.get(name) : false),
    given: (name) => found.has(name) || switches.has(name),
    positional,
    unknown,
    opaque,
  };
}

/** Reads `-abc`, where the last letter may take the rest of the word or the next word. Returns how many further words it took. */
function readShort(
  value: Value,
  start: string,
  next: Value | undefined,
  short: ReadonlyMap<string, Flag>,
  give: (flag: Flag, value: Value | undefined) => void,
  unknown: Value[],
): number {
  for (let at = 1; at < start.length; at++) {
    const flag = short.get(start[at] as string);
    if (flag === undefined) {
      unknown.push(value);
      return 0;
    }
    const rest = start.length > at + 1 || textOf(value) === undefined;
    const inWord = valueAfter(value, start[at + 1] === "=" ? at + 2 : at + 1);
    if (flag.kind === "switch" && start[at + 1] !== "=") {
      give(flag, undefined);
      continue;
    }
    if (rest) {
      give(flag, inWord);
      return 0;
    }
    if (flag.kind === "optional") {
      give(flag, undefined);
      return 0;
    }
    if (next !== undefined) give(flag, next);
    return next === undefined ? 0 : 1;
  }
  return 0;
}

/** As Go's strconv.ParseBool; undefined for anything else. */
function truth(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

interface FlagIndex {
  readonly long: ReadonlyMap<string, Flag>;
  readonly short: ReadonlyMap<string, Flag>;
}

const indexes = new WeakMap<FlagTable, FlagIndex>();

function flagsOf(table: FlagTable): FlagIndex {
  const made = indexes.get(table);
  if (made !== undefined) return made;
  const long = new Map<string, Flag>();
  const short = new Map<string, Flag>();
  for (const kind of ["text", "list", "switch", "optional"] as const) {
    for (const row of table[kind] ?? []) {
      const [name = "", letter] = row.split(" ");
      const flag = { name, kind };
      if (name.length === 1) short.set(name, flag);
      else long.set(name, flag);
      if (letter !== undefined) short.set(letter, flag);
    }
  }
  const index = { long, short };
  indexes.set(table, index);
  return index;
}
