import type { Place } from "../core/span.ts";
import type { BakeParts, BakeSwitch, BakeText, BakeTexts } from "./bake-file.ts";
import { csvField } from "./csv.ts";
import { entryFields } from "./entries.ts";
import { goFlag } from "./from-environment.ts";
import { type Layer, LISTS, type ListName, MAPS, type MapName, SINGLES, SWITCHES, type SwitchName } from "./layer.ts";
import { fits } from "./names.ts";
import { joined, merged } from "./value.ts";

/** One `--set`: `app.args.X=1`. */
interface Override {
  readonly pattern: string;
  /** `args`, `platform`, `push`. */
  readonly key: string;
  /** `X` of `args.X`. */
  readonly name: string | undefined;
  readonly append: boolean;
  readonly value: BakeText;
}

export interface Overrides {
  readonly known: readonly Override[];
  /** One of them is unknown up to its `=`: it may set anything. */
  readonly wild: Place | undefined;
}

type Complain = (message: string, place: Place) => void;

/** Attributes whose name on the command line differs from that in the file. */
const LIST_KEYS: ReadonlyMap<string, ListName> = new Map<string, ListName>([
  ...LISTS.filter((name) => name !== "secret" && name !== "platforms").map((name) => [name, name] as const),
  ["platform", "platforms"],
  ["secrets", "secret"],
]);
/** These are added to even without `+=`. */
const ALWAYS_ADDED: ReadonlySet<ListName> = new Set(["entitlements", "annotations", "attest"]);
/** Settable, and nothing here hangs on them. */
const IGNORED: ReadonlySet<string> = new Set(["no-cache-filter", "shm-size", "ulimits", "resources", "extra-hosts", "secret", "policy"]);

export function readOverrides(given: readonly BakeText[], targets: readonly string[], complain: Complain): Overrides {
  const known: Override[] = [];
  let wild: Place | undefined;
  for (const { parts, place } of given) {
    const [first, ...rest] = parts;
    const cut = typeof first === "string" ? first.indexOf("=") : -1;
    if (parts.length === 0) continue;
    if (typeof first !== "string" || (cut === -1 && rest.length > 0)) {
      wild ??= place;
      continue;
    }
    const left = cut === -1 ? first : first.slice(0, cut);
    const append = left.endsWith("+");
    const [pattern = "", key, ...names] = (append ? left.slice(0, -1) : left).split(".");
    if (key === undefined || (cut === -1 && key !== "args")) {
      complain(`"${left}" is no override: "target.attribute=value" is wanted`, place);
      continue;
    }
    if (!targets.some((name) => fits(name, pattern))) complain(`could not find any target matching "${pattern}"`, place);
    // Without a value it comes from the environment.
    const value: BakeParts = cut === -1 ? [{ source: names.join("."), atoms: [] }] : merged([first.slice(cut + 1), ...rest]);
    known.push({ pattern, key, name: names.length === 0 ? undefined : names.join("."), append, value: { parts: value, place } });
  }
  return { known, wild };
}

/** The layer with the overrides that fit its name. */
export function withOverrides(layer: Layer, { known, wild }: Overrides, complain: Complain): Layer {
  const fitting = known.filter(({ pattern }) => fits(layer.name, pattern));
  if (fitting.length === 0 && wild === undefined) return layer;
  const singles = new Map(layer.singles);
  const lists = new Map(layer.lists);
  const maps = new Map(layer.maps);
  const switches = new Map(layer.switches);
  const lasting: Override[] = [];
  const begun = new Set<ListName>();
  for (const override of fitting) {
    const { key, name, value } = override;
    const list = LIST_KEYS.get(key);
    if (list !== undefined) setList(lists, list, override, begun);
    // Buildx reads it as a list, and takes nothing from that (bake/bake.go, up to 2026-08).
    else if (key === "network") singles.set(key, { ...value, parts: [] });
    else if (isOneOf(SINGLES, key)) singles.set(key, value);
    else if (isOneOf(MAPS, key)) setEntry(maps, key, name, value, complain);
    else if (isOneOf(SWITCHES, key)) setSwitch(switches, key, value, complain);
    else if (key === "push" || key === "load") lasting.push(override);
    else if (!IGNORED.has(key)) complain(`unknown key: ${key}`, value.place);
  }
  // What is pushed and loaded hangs on the outputs, whatever the order.
  for (const override of lasting) {
    const outputs = lists.get("output");
    const changed = override.key === "push" ? withPush(outputs, override.value, complain) : withLoad(outputs, override.value, complain);
    if (changed !== undefined) lists.set("output", changed);
  }
  if (wild !== undefined) for (const name of LISTS) lists.set(name, { items: [], place: wild, ...lists.get(name), open: true });
  return { ...layer, singles, lists, maps, switches };
}

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

function setList(lists: Map<ListName, BakeTexts>, name: ListName, { append, value }: Override, begun: Set<ListName>): void {
  const before = lists.get(name);
  // The same key twice is one override with two values.
  const adds = append || ALWAYS_ADDED.has(name) || begun.has(name);
  begun.add(name);
  const items = value.parts.length === 0 ? [] : [value];
  lists.set(name, { items: adds ? [...(before?.items ?? []), ...items] : items, open: adds && before?.open === true, place: value.place });
}

function setEntry(
  maps: Map<MapName, { entries: ReadonlyMap<string, BakeText>; open: boolean; place: Place | undefined }>,
  key: MapName,
  name: string | undefined,
  value: BakeText,
  complain: Complain,
): void {
  if (name === undefined) {
    complain(`invalid key ${key}, ${key} requires name`, value.place);
    return;
  }
  const before = maps.get(key);
  maps.set(key, { entries: new Map(before?.entries).set(name, value), open: before?.open ?? false, place: before?.place ?? value.place });
}

function setSwitch(switches: Map<SwitchName, BakeSwitch>, key: SwitchName, value: BakeText, complain: Complain): void {
  const read = readSwitch(key, value, complain);
  if (read !== undefined) switches.set(key, read);
}

function readSwitch(key: string, { parts, place }: BakeText, complain: Complain): BakeSwitch | undefined {
  const whole = joined(parts);
  const known = whole === undefined ? undefined : goFlag(whole);
  if (whole !== undefined && known === undefined) {
    complain(`invalid value ${whole} for boolean key ${key}`, place);
    return undefined;
  }
  return { value: known, atoms: parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms)), place };
}

const typeOfOutput = (output: BakeText): string | undefined => joined(entryFields(output, "output")?.type ?? [{ source: "type", atoms: [] }]);

/** `*.push=…`. */
function withPush(outputs: BakeTexts | undefined, given: BakeText, complain: Complain): BakeTexts | undefined {
  const { items = [], open = false } = outputs ?? {};
  const push = readSwitch("push", given, complain);
  if (push === undefined) return undefined;
  if (push.value === undefined)
    return { items: items.map((item) => (typeOfOutput(item) === "image" ? withField(item, "push", given.parts) : item)), open: true, place: given.place };
  const place = outputs?.place ?? given.place;
  if (!push.value) {
    return {
      items: items.flatMap((item) => (typeOfOutput(item) === "registry" ? [] : [typeOfOutput(item) === "image" ? withField(item, "push", ["false"]) : item])),
      open,
      place,
    };
  }
  const changed = items.map((item) => (typeOfOutput(item) === "image" ? withField(item, "push", ["true"]) : item));
  const adds = items.every((item) => typeOfOutput(item) === "docker");
  return { items: adds ? [...changed, { parts: ["type=image,push=true"], place: given.place }] : changed, open, place: adds ? given.place : place };
}

/** `*.load=…`. */
function withLoad(outputs: BakeTexts | undefined, given: BakeText, complain: Complain): BakeTexts | undefined {
  const { items = [], open = false } = outputs ?? {};
  const load = readSwitch("load", given, complain);
  if (load === undefined || load.value === false) return outputs;
  if (load.value === undefined) return { items, open: true, place: given.place };
  const reusable = items.some((item) => typeOfOutput(item) === "docker" && !entryFields(item, "output")?.fields.has("dest"));
  const others = items.some((item) => !["docker", "image", "registry", "oci"].includes(typeOfOutput(item) ?? ""));
  return reusable || others ? outputs : { items: [...items, { parts: ["type=docker"], place: given.place }], open, place: given.place };
}

/** An entry with one field set, written at its end. */
function withField(item: BakeText, key: string, value: BakeParts): BakeText {
  const entry = entryFields(item, "output");
  const fields = [...(entry?.fields ?? [])].filter(([name]) => name !== key);
  const parts: BakeParts[number][] = ["type=", ...(entry?.type ?? [])];
  for (const [name, field] of [...fields, [key, value] as const]) parts.push(",", ...csvField(merged([`${name}=`, ...field])));
  return { parts: merged(parts), place: item.place };
}
