import type { Place } from "../core/span.ts";
import type { BakeSwitch, BakeText, BakeTexts } from "./bake-file.ts";

/** Attributes of a target by how they are written and merged. */
export const SINGLES = ["context", "dockerfile", "dockerfile-inline", "target", "network", "call"] as const;
export const LISTS = ["tags", "platforms", "annotations", "entitlements", "output", "cache-from", "cache-to", "attest", "secret", "ssh"] as const;
export const MAPS = ["args", "contexts", "labels"] as const;
export const SWITCHES = ["no-cache", "pull"] as const;

export type SingleName = (typeof SINGLES)[number];
export type ListName = (typeof LISTS)[number];
export type MapName = (typeof MAPS)[number];
export type SwitchName = (typeof SWITCHES)[number];

/** Attributes that are allowed, and that nothing here hangs on (bake/bake.go, read 2026-11-22). */
export const OTHERS: ReadonlySet<string> = new Set([
  "name",
  "matrix",
  "inherits",
  "description",
  "no-cache-filter",
  "shm-size",
  "ulimits",
  "resources",
  "extra-hosts",
  "policy",
]);

export interface NamedTexts {
  readonly entries: ReadonlyMap<string, BakeText>;
  readonly open: boolean;
  readonly place: Place | undefined;
}

/** What is said of a target: in one block, or merged. What is not given is not there. */
export interface Layer {
  readonly name: string;
  readonly block: string;
  readonly place: Place;
  readonly matrix: Place | undefined;
  readonly inherits: readonly BakeText[];
  readonly singles: ReadonlyMap<SingleName, BakeText>;
  readonly lists: ReadonlyMap<ListName, BakeTexts>;
  readonly maps: ReadonlyMap<MapName, NamedTexts>;
  readonly switches: ReadonlyMap<SwitchName, BakeSwitch>;
}

/** These replace what was there; other lists are added to it. */
const REPLACING: ReadonlySet<ListName> = new Set(["tags", "platforms", "output", "cache-to"]);

/** `upper` over `lower`, as Buildx merges targets of one name and inherited ones. The name stays the lower one's. */
export function mergedLayers(lower: Layer, upper: Layer): Layer {
  const lists = new Map(lower.lists);
  for (const [name, texts] of upper.lists) {
    const before = lists.get(name);
    lists.set(
      name,
      before === undefined || REPLACING.has(name) ? texts : { items: [...before.items, ...texts.items], open: before.open || texts.open, place: texts.place },
    );
  }
  const maps = new Map(lower.maps);
  for (const [name, texts] of upper.maps) {
    const before = maps.get(name);
    maps.set(
      name,
      before === undefined ? texts : { entries: new Map([...before.entries, ...texts.entries]), open: before.open || texts.open, place: texts.place },
    );
  }
  return {
    name: lower.name,
    block: lower.block,
    place: upper.place,
    matrix: upper.matrix ?? lower.matrix,
    inherits: [...lower.inherits, ...upper.inherits],
    singles: new Map([...lower.singles, ...upper.singles]),
    lists,
    maps,
    switches: new Map([...lower.switches, ...upper.switches]),
  };
}

/** A target of which nothing is said. */
export const emptyLayer = (name: string, place: Place): Layer => ({
  name,
  block: name,
  place,
  matrix: undefined,
  inherits: [],
  singles: new Map(),
  lists: new Map(),
  maps: new Map(),
  switches: new Map(),
});
