import type { Route } from "./route.ts";
import type { ScalarValue, YamlNode } from "./tree.ts";

/** What a file says, without how it is written: two files that say the same have equal outlines. */
export type Outline =
  | { readonly kind: "scalar"; readonly properties: string; readonly type: string; readonly value: string }
  | { readonly kind: "alias"; readonly name: string }
  | { readonly kind: "mapping"; readonly properties: string; readonly entries: readonly (readonly [key: string, value: Outline])[] }
  | { readonly kind: "sequence"; readonly properties: string; readonly items: readonly Outline[] };

export function outlineOf(node: YamlNode): Outline {
  if (node.kind === "alias") return { kind: "alias", name: node.name };
  const properties = `${node.anchor ?? ""} ${node.tag ?? ""}`;
  if (node.kind === "scalar") return { ...scalarOutline(node.value), properties };
  if (node.kind === "sequence") return { kind: "sequence", properties, items: node.items.map(outlineOf) };
  return { kind: "mapping", properties, entries: node.entries.map((entry) => [entry.key.text, outlineOf(entry.value)]) };
}

/** Of a value without anchor and tag. */
export function scalarOutline(value: ScalarValue): Outline & { kind: "scalar" } {
  return { kind: "scalar", properties: NO_PROPERTIES, type: value === null ? "null" : typeof value, value: String(value) };
}

export const NO_PROPERTIES = " ";

/** The outline with the part at `route` changed, which must be there. */
export function changed(outline: Outline, route: Route, change: (part: Outline) => Outline): Outline {
  const [step, ...rest] = route;
  if (step === undefined) return change(outline);
  if (outline.kind === "sequence") return { ...outline, items: outline.items.map((item, i) => (i === step ? changed(item, rest, change) : item)) };
  if (outline.kind !== "mapping") throw new Error(`the outline has no ${step}`);
  return { ...outline, entries: outline.entries.map(([key, value]) => [key, key === String(step) ? changed(value, rest, change) : value]) };
}

export function sameOutline(a: Outline, b: Outline): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
