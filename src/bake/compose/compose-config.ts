import type { BakeFile, BakeRequest } from "../bake-file.ts";
import type { Config, Group } from "../config.ts";
import { type Layer, mergedLayers } from "../layer.ts";
import type { BakeWorld } from "../world.ts";
import { ComposeReader, type Fields, fieldsOf } from "./fields.ts";
import { serviceLayer } from "./service-layer.ts";

/** `extends` of services that extend others. */
const LONGEST_EXTENDS = 20;

/** Targets of the compose files: services that have `build`, whatever their profiles, and the group `default` of all of them. */
export function composeConfig(files: readonly BakeFile[], request: BakeRequest, world: BakeWorld): Config {
  const layers = new Map<string, Layer>();
  let open = false;
  let some = false;
  for (const { file, content } of files) {
    if (content.form !== "compose") continue;
    const top = fieldsOf(content.root);
    const services = fieldsOf(top.get("services"));
    const reader = new ComposeReader(file, request.variables);
    open ||= top.has("include");
    some ||= services.size > 0;
    if (content.root !== undefined && services.size === 0 && !top.has("include") && !top.has("secrets")) {
      world.complain("empty compose file", { file, span: { start: 0, end: 0 } });
    }
    for (const [name, node] of services) {
      const extended = extendedService(fieldsOf(node), services, 0);
      open ||= extended.open;
      const layer = serviceLayer(name, { file, span: node.span }, extended.service, fieldsOf(top.get("secrets")), reader);
      if (layer !== undefined) layers.set(layer.name, over(layers.get(layer.name), layer));
    }
  }
  const groups = new Map<string, Group>();
  if (some) groups.set("default", { name: "default", targets: [...layers.keys()], open });
  return { layers, groups, open };
}

/** Compose adds lists of several files together, where bake replaces some. */
function over(lower: Layer | undefined, upper: Layer): Layer {
  if (lower === undefined) return upper;
  const merged = mergedLayers(lower, upper);
  const lists = new Map(merged.lists);
  for (const name of ["tags", "platforms", "cache-to", "output"] as const) {
    const [a, b] = [lower.lists.get(name), upper.lists.get(name)];
    if (a !== undefined && b !== undefined) lists.set(name, { items: [...a.items, ...b.items], open: a.open || b.open, place: b.place });
  }
  return { ...merged, lists };
}

/** A service over what it extends in the same file; what it extends elsewhere is not known. */
function extendedService(service: Fields, services: Fields, depth: number): { readonly service: Fields; readonly open: boolean } {
  const clause = service.get("extends");
  if (clause === undefined) return { service, open: false };
  const fields = fieldsOf(clause);
  const named = clause.kind === "scalar" ? clause : fields.get("service");
  const base = named?.kind === "scalar" && !fields.has("file") ? services.get(named.text) : undefined;
  if (base === undefined || depth > LONGEST_EXTENDS) return { service, open: true };
  const below = extendedService(fieldsOf(base), services, depth + 1);
  const merged = new Map([...below.service, ...service]);
  merged.delete("extends");
  const [lower, upper] = [below.service.get("build"), service.get("build")];
  // Two mappings are merged one level deep: what the upper one has counts.
  if (lower?.kind === "mapping" && upper?.kind === "mapping") {
    const own = new Set([...fieldsOf(upper).keys()]);
    merged.set("build", { ...upper, entries: [...lower.entries.filter(({ key }) => !own.has(key.text)), ...upper.entries] });
  }
  return { service: merged, open: below.open };
}
