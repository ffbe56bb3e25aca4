import { parseYaml } from "../../yaml/parse.ts";
import type { YamlNode } from "../../yaml/tree.ts";

/** A YAML value for readers that want no places: scalars as text, anchors and `<<` followed. */
export type YamlValue = string | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Aliases can make much of little. */
const MOST_VALUES = 20_000;

/** What a YAML text says; undefined when it says nothing, is no YAML, or says too much. */
export function yamlValue(name: string, text: string): YamlValue | undefined {
  const { root, complaints } = parseYaml({ name, text });
  if (root === undefined || complaints.some(({ severity }) => severity === "error")) return undefined;
  const anchors = new Map<string, YamlValue>();
  let left = MOST_VALUES;
  const readNode = (node: YamlNode): YamlValue => {
    left--;
    if (left < 0) return "";
    if (node.kind === "alias") return copied(anchors.get(node.name) ?? "");
    const value = node.kind === "scalar" ? node.text : node.kind === "sequence" ? node.items.map(readNode) : mappingOf(node.entries);
    if (node.anchor !== undefined) anchors.set(node.anchor, value);
    return value;
  };
  const copied = (value: YamlValue): YamlValue => {
    left -= sizeOf(value, left);
    return left < 0 ? "" : value;
  };
  const mappingOf = (entries: readonly { readonly key: { readonly text: string }; readonly value: YamlNode }[]): { readonly [key: string]: YamlValue } => {
    const own: [string, YamlValue][] = [];
    const merged: [string, YamlValue][] = [];
    for (const { key, value } of entries) {
      const read = readNode(value);
      if (key.text === "<<") for (const source of listValue(read) ?? [read]) merged.push(...Object.entries(mapValue(source) ?? {}));
      else own.push([key.text, read]);
    }
    return Object.fromEntries([...merged, ...own]);
  };
  const value = readNode(root);
  return left < 0 ? undefined : value;
}

function sizeOf(value: YamlValue, limit: number): number {
  if (typeof value === "string" || limit < 0) return 1;
  let size = 1;
  for (const part of Object.values(value)) {
    size += sizeOf(part, limit - size);
    if (size > limit) break;
  }
  return size;
}

export const listValue = (value: YamlValue | undefined): readonly YamlValue[] | undefined => (Array.isArray(value) ? value : undefined);

export const mapValue = (value: YamlValue | undefined): { readonly [key: string]: YamlValue } | undefined =>
  typeof value === "object" && !Array.isArray(value) ? (value as { readonly [key: string]: YamlValue }) : undefined;

export const textValue = (value: YamlValue | undefined): string | undefined => (typeof value === "string" ? value : undefined);

/** The texts of a list, or a text alone as a list of one. */
export const textValues = (value: YamlValue | undefined): readonly string[] =>
  typeof value === "string"
    ? value === ""
      ? []
      : [value]
    : (listValue(value) ?? []).flatMap((item) => (typeof item === "string" && item !== "" ? [item] : []));
