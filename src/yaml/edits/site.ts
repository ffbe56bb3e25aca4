import type { Draft } from "../draft.ts";
import { type Route, routeText } from "../route.ts";
import { entryOf, type YamlEntry, type YamlMapping, type YamlNode, type YamlSequence } from "../tree.ts";
import { type Refusal, refuse } from "./edit.ts";

/** Where a node stands in what holds it. */
export interface Site {
  readonly node: YamlNode;
  /** Undefined for the root. */
  readonly holder:
    | { readonly mapping: YamlMapping; readonly entry: YamlEntry; readonly index: number }
    | { readonly sequence: YamlSequence; readonly index: number }
    | undefined;
  /** Whether it stands within braces or brackets. */
  readonly inFlow: boolean;
}

/** Finds the node that a patch is about; refused when it is not there, or when an alias repeats it or what it is in, or leads to it. */
export function siteAt(draft: Draft, route: Route): Site | Refusal {
  let node = draft.root;
  let holder: Site["holder"];
  let inFlow = false;
  for (const [depth, step] of route.entries()) {
    const here = route.slice(0, depth);
    const shared = sharing(draft, node, here);
    if (shared !== undefined) return shared;
    if (node.kind === "alias") return refuse(`${routeText(here)} is an alias of what stands elsewhere`);
    if (node.kind === "mapping") {
      const entry = entryOf(node, String(step));
      if (entry === undefined) return refuse(`there is no ${routeText(route.slice(0, depth + 1))}`);
      holder = { mapping: node, entry, index: node.entries.indexOf(entry) };
      inFlow ||= node.flow;
      node = entry.value;
    } else {
      const item = node.kind === "sequence" && typeof step === "number" ? node.items[step] : undefined;
      if (node.kind !== "sequence" || item === undefined) return refuse(`there is no ${routeText(route.slice(0, depth + 1))}`);
      holder = { sequence: node, index: step as number };
      inFlow ||= node.flow;
      node = item;
    }
  }
  return sharing(draft, node, route) ?? { node, holder, inFlow };
}

function sharing(draft: Draft, node: YamlNode, route: Route): Refusal | undefined {
  if (node.anchor !== undefined && draft.aliased.has(node.anchor)) return refuse(`${routeText(route)} is repeated elsewhere by an alias`);
  return undefined;
}
