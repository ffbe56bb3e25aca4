import type { BakeSwitch, BakeTarget, BakeText, BakeTexts } from "./bake-file.ts";
import { entryKey } from "./entries.ts";
import { type Layer, LISTS, type ListName, type MapName, type NamedTexts, type SwitchName } from "./layer.ts";
import { joined, merged } from "./value.ts";

/** Of entries of one kind, the later one takes the earlier one's place; other doubles are left out. */
const LATER_WINS: ReadonlySet<ListName> = new Set(["attest", "secret", "ssh"]);
const PLAIN: ReadonlySet<ListName> = new Set(["tags", "platforms", "annotations", "entitlements"]);

/** Without doubles and without contexts that were emptied; the host's network wants its entitlement. */
export function normalized(layer: Layer): Layer {
  const lists = new Map(layer.lists);
  const network = layer.singles.get("network");
  if (network !== undefined && joined(network.parts) === "host") {
    const before = lists.get("entitlements");
    lists.set("entitlements", {
      items: [...(before?.items ?? []), { parts: ["network.host"], place: network.place }],
      open: before?.open ?? false,
      place: before?.place ?? network.place,
    });
  }
  for (const name of LISTS) {
    const texts = lists.get(name);
    if (texts !== undefined) lists.set(name, { ...texts, items: withoutDoubles(texts.items, name) });
  }
  const maps = new Map(layer.maps);
  const contexts = maps.get("contexts");
  if (contexts !== undefined) maps.set("contexts", { ...contexts, entries: new Map([...contexts.entries].filter(([, { parts }]) => parts.length > 0)) });
  return { ...layer, lists, maps };
}

function withoutDoubles(items: readonly BakeText[], name: ListName): BakeText[] {
  const kept: BakeText[] = [];
  const places = new Map<string, number>();
  for (const item of items) {
    const key = PLAIN.has(name) ? joined(item.parts) : entryKey(item, name);
    const at = key === undefined ? undefined : places.get(key);
    if (at === undefined) {
      if (key !== undefined) places.set(key, kept.length);
      kept.push(item);
    } else if (LATER_WINS.has(name)) kept[at] = item;
  }
  return kept;
}

const NONE: BakeTexts = { items: [], open: false, place: undefined };
const NOT_GIVEN: BakeSwitch = { value: false, atoms: [], place: undefined };

export function asTarget(layer: Layer, linked: boolean): BakeTarget {
  const list = (name: ListName): BakeTexts => layer.lists.get(name) ?? NONE;
  const pairs = (name: MapName): BakeTexts => pairTexts(layer.maps.get(name));
  const flag = (name: SwitchName): BakeSwitch => layer.switches.get(name) ?? NOT_GIVEN;
  const outputs = list("output");
  return {
    name: layer.name,
    block: layer.block,
    place: layer.place,
    context: layer.singles.get("context"),
    dockerfile: layer.singles.get("dockerfile"),
    inline: layer.singles.get("dockerfile-inline"),
    stage: layer.singles.get("target"),
    network: layer.singles.get("network"),
    call: layer.singles.get("call"),
    tags: list("tags"),
    platforms: list("platforms"),
    outputs: linked ? { items: [{ parts: ["type=cacheonly"], place: layer.place }], open: false, place: outputs.place } : outputs,
    cacheFrom: list("cache-from"),
    cacheTo: list("cache-to"),
    attests: list("attest"),
    annotations: list("annotations"),
    secrets: list("secret"),
    ssh: list("ssh"),
    entitlements: list("entitlements"),
    args: pairs("args"),
    contexts: pairs("contexts"),
    labels: pairs("labels"),
    noCache: flag("no-cache"),
    pull: flag("pull"),
    linked,
    matrix: layer.matrix,
  };
}

function pairTexts(named: NamedTexts | undefined): BakeTexts {
  if (named === undefined) return NONE;
  const items = [...named.entries].map(([key, { parts, place }]) => ({ parts: merged([`${key}=`, ...parts]), place }));
  return { items, open: named.open, place: named.place };
}
