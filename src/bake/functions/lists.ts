import { byCodeUnit } from "../../core/order.ts";
import { dictionary, equals, flag, isKnown, kindName, knownOf, list, NULL, number, numberOf, text, textOf, unknown, type Value } from "../value.ts";
import { type BakeFunction, itemsOf, Mistake, ofKnown, wrongCount } from "./function.ts";

const ANY = Number.POSITIVE_INFINITY;
/** `range(1e9)`. */
const LONGEST_RANGE = 1024;
const LARGEST_PRODUCT = 10_000;

const concat: BakeFunction = (given) => {
  const items: Value[] = [];
  let open = false;
  for (const one of given) {
    if (one.kind === "unknown") open = true;
    else if (one.kind !== "list") return new Mistake(`wants lists, not ${kindName(one)}`);
    else {
      for (const item of one.items) items.push(item);
      open ||= one.open;
    }
  }
  return list(items, open);
};

/** Over one list, keeping whether it is open. */
const overList =
  (work: (items: readonly Value[]) => readonly Value[]): BakeFunction =>
  ([given], source) => {
    if (given === undefined) return wrongCount(1, 1, 0);
    if (given.kind === "unknown") return unknown(source);
    return given.kind === "list" ? list(work(given.items), given.open) : new Mistake(`wants a list, not ${kindName(given)}`);
  };

/** Each once: what may be equal to another one is kept. */
function distinct(items: readonly Value[]): Value[] {
  const seen = new Set<string>();
  const kept: Value[] = [];
  for (const item of items) {
    const known = knownOf(item);
    if (known !== undefined ? seen.has(known) : kept.some((other) => equals(item, other) === true)) continue;
    if (known !== undefined) seen.add(known);
    kept.push(item);
  }
  return kept;
}

const flattened = (items: readonly Value[]): Value[] => items.flatMap((item) => (item.kind === "list" ? flattened(item.items) : [item]));

const contains: BakeFunction = (given, source) => {
  const [whole, item] = given;
  if (whole === undefined || item === undefined) return wrongCount(2, 2, given.length);
  if (whole.kind === "unknown") return unknown(source);
  const items = itemsOf(whole);
  if (items === undefined) return new Mistake(`wants a list, not ${kindName(whole)}`);
  const answers = items.map((other) => equals(other, item));
  if (answers.includes(true)) return flag(true);
  return answers.includes(undefined) || (whole.kind === "list" && whole.open) ? unknown(source) : flag(false);
};

const length: BakeFunction = ([given], source) => {
  if (given === undefined) return wrongCount(1, 1, 0);
  if (given.kind === "list") return given.open ? unknown(source) : number(given.items.length);
  if (given.kind === "map") return given.open ? unknown(source) : number(given.entries.size);
  return given.kind === "unknown" ? unknown(source) : new Mistake(`wants a list or an object, not ${kindName(given)}`);
};

const lookup: BakeFunction = (given, source) => {
  const [whole, key, otherwise] = given;
  if (whole === undefined || key === undefined || otherwise === undefined) return wrongCount(3, 3, given.length);
  const name = knownOf(key);
  if (whole.kind === "unknown" || name === undefined) return unknown(source);
  if (whole.kind !== "map") return new Mistake(`wants an object, not ${kindName(whole)}`);
  return whole.entries.get(name) ?? (whole.open ? unknown(source) : otherwise);
};

const merge: BakeFunction = (given, source) => {
  const entries = new Map<string, Value>();
  let open = false;
  for (const one of given) {
    if (one.kind === "unknown") return unknown(source);
    if (one.kind === "null") continue;
    if (one.kind !== "map") return new Mistake(`wants objects, not ${kindName(one)}`);
    for (const [key, value] of one.entries) entries.set(key, value);
    open ||= one.open;
  }
  return dictionary(entries, open);
};

const keysOf = (value: Value | undefined): string[] | undefined => (value?.kind === "map" ? [...value.entries.keys()].sort(byCodeUnit) : undefined);

const element = ofKnown(([whole, at]) => {
  const [items, index] = [itemsOf(whole), at && numberOf(at)];
  if (items === undefined || index === undefined || !Number.isInteger(index)) return new Mistake("wants a list and a whole number");
  if (items.length === 0) return new Mistake("wants a list that is not empty");
  return items[((index % items.length) + items.length) % items.length] as Value;
}, 2);

const slice: BakeFunction = (given, source) => {
  const [whole, from, to] = given;
  if (whole === undefined || from === undefined || to === undefined) return wrongCount(3, 3, given.length);
  if (whole.kind === "unknown" || (whole.kind === "list" && whole.open)) return unknown(source);
  const [items, start, end] = [itemsOf(whole), numberOf(from), numberOf(to)];
  if (items === undefined || start === undefined || end === undefined)
    return isKnown(from) && isKnown(to) ? new Mistake("wants a list and two numbers") : unknown(source);
  if (start < 0 || end > items.length || start > end) return new Mistake(`cannot take ${start} to ${end} of ${items.length} items`);
  return list(items.slice(start, end));
};

const range = ofKnown(
  (given) => {
    const numbers = given.map(numberOf);
    if (numbers.includes(undefined)) return new Mistake("wants numbers");
    const [first = 0, second, third] = numbers as number[];
    const [start, end] = second === undefined ? [0, first] : [first, second];
    const step = third ?? (end >= start ? 1 : -1);
    if (step === 0 || (end > start && step < 0) || (end < start && step > 0)) return new Mistake("wants a step that leads from the start to the end");
    const items: Value[] = [];
    for (let i = start; step > 0 ? i < end : i > end; i += step) {
      if (items.length === LONGEST_RANGE) return new Mistake(`makes more than ${LONGEST_RANGE} numbers`);
      items.push(number(i));
    }
    return list(items);
  },
  1,
  3,
);

const product = ofKnown(
  (given) => {
    let rows: Value[][] = [[]];
    for (const one of given) {
      const items = itemsOf(one);
      if (items === undefined) return new Mistake(`wants lists, not ${kindName(one)}`);
      if (rows.length * items.length > LARGEST_PRODUCT) return new Mistake(`makes more than ${LARGEST_PRODUCT} rows`);
      rows = rows.flatMap((row) => items.map((item) => [...row, item]));
    }
    return list(rows.map((row) => list(row)));
  },
  1,
  ANY,
);

const zipmap = ofKnown(([names, values]) => {
  const [keys, items] = [itemsOf(names), itemsOf(values)];
  if (keys === undefined || items === undefined || keys.length !== items.length) return new Mistake("wants two lists of one length");
  return dictionary(new Map(keys.map((key, i) => [textOf(key) ?? "", items[i] as Value])));
}, 2);

const index = ofKnown(([whole, key]) => {
  const at = key && numberOf(key);
  const found =
    whole?.kind === "list" && at !== undefined
      ? whole.items[at]
      : whole?.kind === "map" && key !== undefined
        ? whole.entries.get(textOf(key) ?? "")
        : undefined;
  return found ?? new Mistake("finds nothing at that index");
}, 2);

/** Sets are lists without doubles, sorted as texts are. */
const ofSets = (work: (sets: readonly (readonly Value[])[]) => readonly Value[]): BakeFunction =>
  ofKnown(
    (given) => {
      const sets = given.map(itemsOf);
      if (sets.includes(undefined)) return new Mistake("wants lists");
      const made = distinct(work(sets as (readonly Value[])[]));
      return list(made.every((item) => knownOf(item) !== undefined) ? [...made].sort((a, b) => byCodeUnit(knownOf(a) ?? "", knownOf(b) ?? "")) : made);
    },
    1,
    ANY,
  );
const holds = (items: readonly Value[], item: Value): boolean => items.some((other) => equals(other, item) === true);

export const LIST_FUNCTIONS: Readonly<Record<string, BakeFunction>> = {
  concat,
  distinct: overList(distinct),
  flatten: overList(flattened),
  reverselist: overList((items) => [...items].reverse()),
  contains,
  length,
  lookup,
  merge,
  element,
  slice,
  range,
  zipmap,
  index,
  setproduct: product,
  keys: ofKnown(([given]) => {
    const keys = keysOf(given);
    return keys === undefined ? new Mistake("wants an object") : list(keys.map((key) => text(key)));
  }, 1),
  values: ([given], source) => {
    if (given?.kind === "unknown") return unknown(source);
    if (given?.kind !== "map") return new Mistake("wants an object");
    return list(
      (keysOf(given) ?? []).map((key) => given.entries.get(key) ?? NULL),
      given.open,
    );
  },
  coalescelist: ofKnown((given) => given.find((one) => one.kind === "list" && one.items.length > 0) ?? new Mistake("wants a list that is not empty"), 1, ANY),
  chunklist: ofKnown(([whole, size]) => {
    const [items, count] = [itemsOf(whole), size && numberOf(size)];
    if (items === undefined || count === undefined || count < 0 || !Number.isInteger(count)) return new Mistake("wants a list and a whole number");
    if (count === 0) return list([list(items)]);
    return list(Array.from({ length: Math.ceil(items.length / count) }, (_, i) => list(items.slice(i * count, (i + 1) * count))));
  }, 2),
  hasindex: ofKnown(([whole, key]) => {
    const at = key && numberOf(key);
    return flag(
      whole?.kind === "list"
        ? at !== undefined && at in whole.items
        : whole?.kind === "map" && whole.entries.has(key === undefined ? "" : (knownOf(key) ?? "")),
    );
  }, 2),
  indexof: ofKnown(([whole, item]) => {
    const at = item === undefined ? -1 : (itemsOf(whole)?.findIndex((other) => equals(other, item) === true) ?? -1);
    return at === -1 ? new Mistake("does not find the item") : number(at);
  }, 2),
  setunion: ofSets((sets) => sets.flat()),
  setintersection: ofSets(([first = [], ...rest]) => first.filter((item) => rest.every((other) => holds(other, item)))),
  setsubtract: ofSets(([first = [], ...rest]) => first.filter((item) => !rest.some((other) => holds(other, item)))),
  setsymmetricdifference: ofSets((sets) => sets.flatMap((set, i) => set.filter((item) => !sets.some((other, j) => j !== i && holds(other, item))))),
  sethaselement: contains,
};
