import { fieldsOf } from "../../input-list.ts";

/** A line of the `tags` input. */
export interface TagRule {
  readonly type: TagType;
  readonly attributes: ReadonlyMap<string, string>;
  readonly priority: number;
}

export type TagType = "schedule" | "semver" | "pep440" | "match" | "edge" | "ref" | "raw" | "sha";

const PRIORITIES: Readonly<Record<TagType, number>> = { schedule: 1000, semver: 900, pep440: 900, match: 800, edge: 700, ref: 600, raw: 200, sha: 100 };
const DEFAULT_RULES = ["type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr"];
/** What a rule cannot do without. */
const NEEDED: Readonly<Partial<Record<TagType, string>>> = { semver: "pattern", pep440: "pattern", match: "pattern", ref: "event", raw: "value" };

/** The rules in the order in which they count; undefined when the action would refuse one. */
export function tagRules(lines: readonly string[]): readonly TagRule[] | undefined {
  const rules: TagRule[] = [];
  for (const line of lines.length === 0 ? DEFAULT_RULES : lines) {
    const rule = tagRule(line);
    if (rule === undefined) return undefined;
    rules.push(rule);
  }
  return rules.sort((a, b) => b.priority - a.priority);
}

function tagRule(line: string): TagRule | undefined {
  const attributes = new Map<string, string>();
  for (const field of fieldsOf(line)) {
    const { key, value } = keyAndValue(field);
    attributes.set(key ?? "value", value);
  }
  const type = attributes.get("type") ?? "raw";
  if (!isType(type)) return undefined;
  const needed = NEEDED[type];
  if (needed !== undefined && !attributes.has(needed)) return undefined;
  if (type === "ref" && !["branch", "tag", "pr"].includes(attributes.get("event") ?? "")) return undefined;
  const priority = Number(attributes.get("priority") ?? PRIORITIES[type]);
  return { type, attributes, priority: Number.isNaN(priority) ? PRIORITIES[type] : priority };
}

const isType = (type: string): type is TagType => Object.hasOwn(PRIORITIES, type);

/** `key=value`, the key in lower case; a field without `=` is a value alone. */
export function keyAndValue(field: string): { readonly key: string | undefined; readonly value: string } {
  const at = field.indexOf("=", 1);
  if (at === -1) return { key: undefined, value: field.trim() };
  return { key: field.slice(0, at).trim().toLowerCase(), value: field.slice(at + 1).trim() };
}

/** The `flavor` input. */
export interface Flavor {
  readonly latest: "auto" | "true" | "false";
  readonly prefix: string;
  readonly suffix: string;
  readonly prefixLatest: boolean;
  readonly suffixLatest: boolean;
}

/** Undefined when the action would refuse it, or when a switch of it is not known. */
export function flavorOf(lines: readonly string[]): Flavor | undefined {
  let latest: Flavor["latest"] = "auto";
  const affix = { prefix: "", suffix: "" };
  const onLatest = { prefix: false, suffix: false };
  for (const line of lines) {
    let last: "prefix" | "suffix" | undefined;
    for (const { key, value } of fieldsOf(line).map(keyAndValue)) {
      if (key === "latest" && (value === "auto" || value === "true" || value === "false")) latest = value;
      else if (key === "prefix" || key === "suffix") {
        affix[key] = value;
        last = key;
      } else if (key === "onlatest" && (value === "true" || value === "false")) {
        if (last !== undefined) onLatest[last] = value === "true";
      } else return undefined;
    }
  }
  return { latest, ...affix, prefixLatest: onLatest.prefix, suffixLatest: onLatest.suffix };
}

/** The `images` input: the names that count; undefined when the action would refuse it, or when `enable` is not known. */
export function imageNames(lines: readonly string[]): readonly string[] | undefined {
  const [only] = lines;
  // The old form: several names on one line.
  if (lines.length === 1 && only !== undefined) {
    const fields = fieldsOf(only);
    if (fields.every((field) => !field.includes("="))) return fields.map((field) => field.trim().toLowerCase()).filter((name) => name !== "");
  }
  const names: string[] = [];
  for (const line of lines) {
    let name = "";
    let enabled = true;
    for (const { key, value } of fieldsOf(line).map(keyAndValue)) {
      if (key === undefined || key === "name") name = value;
      else if (key === "enable" && (value === "true" || value === "false")) enabled = value === "true";
      else return undefined;
    }
    if (name === "") return undefined;
    if (enabled) names.push(name.toLowerCase());
  }
  return names;
}
