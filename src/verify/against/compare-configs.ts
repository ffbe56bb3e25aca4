import { byCodeUnit } from "../../core/order.ts";
import { stableJson } from "../../core/stable-json.ts";
import { type Fields, isObject } from "../../image/json.ts";
import type { ReadConfig } from "../subject.ts";
import type { PlatformComparison } from "./comparison.ts";

/** Fields that differ, sorted. `null` counts as absent, as in Go. Nothing when one of the two is no JSON object. */
export function compareConfigs(here: ReadConfig, there: ReadConfig): PlatformComparison["config"] {
  if (here.fields === undefined || there.fields === undefined) return [];
  const [ours, theirs] = [flattened(here.fields), flattened(there.fields)];
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((field) => ours.get(field) !== theirs.get(field))
    .sort(byCodeUnit)
    .map((field) => ({ field, this: ours.get(field), that: theirs.get(field) }));
}

/** What a container runs with is told field by field. */
function flattened(fields: Fields): ReadonlyMap<string, string> {
  const { config, ...rest } = fields;
  return new Map([...texts(rest, ""), ...(isObject(config) ? texts(config, "config.") : texts({ config }, ""))]);
}

const texts = (fields: Fields, prefix: string): (readonly [string, string])[] =>
  Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([field, value]) => [`${prefix}${field}`, stableJson(value)]);
