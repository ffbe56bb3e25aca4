import { nearest } from "../core/nearest.ts";
import type { Place } from "../core/span.ts";
import type { BakeParts, BakeSwitch, BakeText, BakeTexts } from "./bake-file.ts";
import type { BakeAttribute } from "./body.ts";
import { attributeOf } from "./definitions.ts";
import { objectEntry } from "./entries.ts";
import {
  emptyLayer,
  type Layer,
  LISTS,
  type ListName,
  MAPS,
  type MapName,
  type NamedTexts,
  OTHERS,
  SINGLES,
  type SingleName,
  SWITCHES,
  type SwitchName,
} from "./layer.ts";
import { flagOf, kindName, partsOf, type Value } from "./value.ts";
import type { BakeWorld, Row } from "./world.ts";

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

/** Evaluates what a block of a target says in one row of its matrix. */
export function readLayer(row: Row, world: BakeWorld): Layer {
  const singles = new Map<SingleName, BakeText>();
  const lists = new Map<ListName, BakeTexts>();
  const maps = new Map<MapName, NamedTexts>();
  const switches = new Map<SwitchName, BakeSwitch>();
  let inherits: readonly BakeText[] = [];
  for (const attribute of row.block.body.attributes) {
    const { name } = attribute;
    const reader = new AttributeReader(attribute, world);
    if (name === "name" || name === "matrix") continue;
    const value = world.attribute(row, attribute.value);
    // An attribute that is null is not given.
    if (value.kind === "null") continue;
    if (isOneOf(SINGLES, name)) setIf(singles, name, reader.text(value, attribute.place));
    else if (isOneOf(LISTS, name)) setIf(lists, name, reader.texts(value, name));
    else if (isOneOf(MAPS, name)) setIf(maps, name, reader.named(value));
    else if (isOneOf(SWITCHES, name)) setIf(switches, name, reader.flag(value));
    else if (name === "inherits") inherits = reader.texts(value, undefined)?.items ?? [];
    else if (!OTHERS.has(name)) reader.unknownName();
  }
  for (const block of row.block.body.blocks)
    world.warn(`a target has no block "${block.type}": Buildx passes over it`, block.place, `write "${block.type} = …"`);
  const [label = ""] = row.block.labels;
  const matrix = attributeOf(row.block, "matrix")?.place;
  return { ...emptyLayer(row.name, row.block.place), block: label, matrix, inherits, singles, lists, maps, switches };
}

function setIf<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value !== undefined) map.set(key, value);
}

const KNOWN_NAMES: readonly string[] = [...SINGLES, ...LISTS, ...MAPS, ...SWITCHES, ...OTHERS];

/** Values of one attribute as what the attribute wants; what cannot be that is told once, and left out. */
class AttributeReader {
  readonly #attribute: BakeAttribute;
  readonly #world: BakeWorld;

  constructor(attribute: BakeAttribute, world: BakeWorld) {
    this.#attribute = attribute;
    this.#world = world;
  }

  text(value: Value, fallback: Place): BakeText | undefined {
    const parts = partsOf(value);
    return parts === undefined ? this.#unfit(value, "a text") : { parts, place: value.place ?? fallback };
  }

  texts(value: Value, list: ListName | undefined): BakeTexts | undefined {
    const { place } = this.#attribute;
    if (value.kind === "unknown") return { items: [], open: true, place };
    if (value.kind !== "list") return this.#unfit(value, "a list");
    const items: BakeText[] = [];
    for (const item of value.items) {
      const parts = this.#item(item, list);
      // Empty texts are left out by Buildx.
      if (parts !== undefined && parts.length > 0) items.push({ parts, place: item.place ?? value.place ?? place });
    }
    return { items, open: value.open, place };
  }

  #item(item: Value, list: ListName | undefined): BakeParts | undefined {
    if (item.kind === "map" && list !== undefined) {
      if (item.open) return [{ source: "an object", atoms: [] }];
      return objectEntry(item.entries, list) ?? this.#unfit(item, "an object of texts");
    }
    return partsOf(item) ?? this.#unfit(item, "a list of texts");
  }

  named(value: Value): NamedTexts | undefined {
    const { place } = this.#attribute;
    if (value.kind === "unknown") return { entries: new Map(), open: true, place };
    if (value.kind !== "map") return this.#unfit(value, "an object");
    const entries = new Map<string, BakeText>();
    for (const [key, item] of value.entries) {
      // A value that is null is not given: the Dockerfile's default counts.
      const text = item.kind === "null" ? undefined : this.text(item, value.place ?? place);
      if (text !== undefined) entries.set(key, text);
    }
    return { entries, open: value.open, place };
  }

  flag(value: Value): BakeSwitch | undefined {
    const { place } = this.#attribute;
    const known = flagOf(value);
    if (known !== undefined) return { value: known, atoms: [], place };
    const hole = value.kind === "unknown" ? value.hole : value.kind === "text" ? value.parts.find((part) => typeof part === "object") : undefined;
    return hole === undefined ? this.#unfit(value, "true or false") : { value: undefined, atoms: hole.atoms, place };
  }

  unknownName(): void {
    const { name, place } = this.#attribute;
    const meant = nearest(name, KNOWN_NAMES);
    const start = place.span.start;
    const span = { start, end: Math.min(start + name.length, place.span.end) };
    this.#world.warn(
      `a target has no attribute "${name}": Buildx passes over it`,
      { file: place.file, span },
      meant === undefined ? undefined : `did you mean "${meant}"?`,
    );
  }

  #unfit(value: Value, wanted: string): undefined {
    const { name, place } = this.#attribute;
    this.#world.complain(`"${name}" wants ${wanted}, not ${kindName(value)}`, value.place ?? place);
    return undefined;
  }
}
