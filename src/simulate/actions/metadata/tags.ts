import { hasMark, isMark, MARK } from "../../marked-text.ts";
import type { Hole } from "../../text.ts";
import type { SeenRef } from "./git-ref.ts";
import { matched } from "./match.ts";
import type { Flavor, TagRule } from "./rules.ts";
import { filledIn, isRaw } from "./template.ts";
import { pep440, semver, type VersionNumber } from "./version-number.ts";

/** What the rules come to. Values may hold marks. */
export interface ComputedTags {
  /** In order; the first sure one is the version. */
  readonly tags: readonly ComputedTag[];
  /** Whether `latest` is added; undefined: not known. Only where there is a tag at all. */
  readonly latest: boolean | undefined;
}

export interface ComputedTag {
  readonly value: string;
  /** Undefined: it is there. Else what it hangs on (a mark's hole), or null when nothing can be said about it. */
  readonly condition: Hole | null | undefined;
}

export interface TagSetting {
  readonly ref: SeenRef;
  readonly flavor: Flavor;
  /** A new mark. */
  readonly unknown: (hole: Hole) => string;
  readonly holeOf: (mark: string) => Hole | undefined;
}

/** A tag of an image has no more characters. */
const LONGEST_TAG = 128;

interface Made {
  readonly value: string;
  /** By `latest=auto`. */
  readonly latest: boolean | undefined;
  /** Nobody knows whether the rule applies. */
  readonly maybe?: boolean;
}

export function computeTags(rules: readonly TagRule[], setting: TagSetting): ComputedTags | undefined {
  const tags: ComputedTag[] = [];
  /** What each may say of `latest`, until one is sure. */
  const latest: (boolean | undefined)[] = [];
  let decided = false;
  for (const rule of rules) {
    const enabled = globals(rule.attributes.get("enable") ?? "true", setting);
    if (enabled === "false") continue;
    if (enabled !== "true" && !hasMark(enabled)) return undefined;
    const made = madeBy(rule, setting);
    if (made === undefined || made.value === "") continue;
    const condition = enabled === "true" ? (made.maybe === true ? null : undefined) : isMark(enabled) ? (setting.holeOf(enabled) ?? null) : null;
    tags.push({ value: sanitized(made.value), condition });
    if (decided) continue;
    latest.push(setting.flavor.latest === "auto" ? made.latest : setting.flavor.latest === "true");
    decided = condition === undefined;
  }
  if (!decided) latest.push(false);
  const [first] = latest;
  return { tags: onceEach(tags), latest: latest.every((one) => one === first) ? first : undefined };
}

/** The same tag twice is there once, and for sure where one of them is. */
export function onceEach(tags: readonly ComputedTag[]): readonly ComputedTag[] {
  const once = new Map<string, ComputedTag>();
  for (const tag of tags) if (!once.has(tag.value) || tag.condition === undefined) once.set(tag.value, tag);
  return [...once.values()];
}

const NOT_IN_TAGS = new RegExp(`[^a-zA-Z0-9._${MARK}-]+`, "g");
export const sanitized = (tag: string): string => tag.replace(NOT_IN_TAGS, "-");

function madeBy(rule: TagRule, setting: TagSetting): Made | undefined {
  const { ref } = setting;
  switch (rule.type) {
    case "schedule":
      if (ref.event !== undefined && !ref.event.includes("schedule")) return undefined;
      return { value: affixed(globals(rule.attributes.get("pattern") ?? "nightly", setting), rule, setting), latest: false, maybe: ref.event === undefined };
    case "semver":
      return byNumber(rule, setting, semver);
    case "pep440":
      return byNumber(rule, setting, pep440);
    case "match":
      return byMatch(rule, setting);
    case "ref":
      return byRef(rule, setting);
    case "edge":
      return byBranch(rule, setting);
    case "raw":
      return { value: affixed(globals(rule.attributes.get("value") ?? "", setting), rule, setting), latest: false };
    case "sha": {
      const long = rule.attributes.get("format") === "long";
      return { value: affixed(sha(setting, long), rule, setting, "sha-"), latest: false };
    }
  }
}

/** The value given, or the tag's name; undefined on anything but a tag. */
function subject(rule: TagRule, setting: TagSetting): { readonly text: string; readonly maybe: boolean } | undefined {
  const given = rule.attributes.get("value") ?? "";
  if (given !== "") return { text: globals(given, setting), maybe: false };
  if (setting.ref.kind === undefined) return { text: setting.ref.name, maybe: true };
  return setting.ref.kind === "tag" ? { text: setting.ref.name, maybe: false } : undefined;
}

function byNumber(rule: TagRule, setting: TagSetting, read: (text: string) => VersionNumber | undefined): Made | undefined {
  const about = subject(rule, setting);
  if (about === undefined) return undefined;
  const pattern = rule.attributes.get("pattern") ?? "";
  const text = partOf(about.text, rule.attributes.get("match") ?? "");
  if (text === undefined || hasMark(text)) {
    // Some part of a version that nobody knows; it is taken for a version, for else it would not be asked for.
    const part = setting.unknown({ source: `the version as ${pattern}`, atoms: [] });
    return { value: affixed(part, rule, setting), latest: undefined, maybe: about.maybe };
  }
  const number = text.length > LONGEST_TAG ? undefined : read(text.replaceAll("/", "-"));
  if (number === undefined) return undefined;
  const shown = number.prerelease ? (isRaw(pattern) ? (number.parts.raw ?? "") : number.clean) : filledIn(pattern, (name) => number.parts[name]);
  return { value: affixed(shown, rule, setting), latest: !number.prerelease, maybe: about.maybe };
}

/** What the first group of `match` finds; the text itself where it finds nothing. Undefined: nobody knows. */
function partOf(text: string, match: string): string | undefined {
  if (match === "" || hasMark(text)) return text;
  const found = matched(text, match);
  return found === undefined ? undefined : found === null ? text : found[1];
}

function byMatch(rule: TagRule, setting: TagSetting): Made | undefined {
  const about = subject(rule, setting);
  if (about === undefined) return undefined;
  const pattern = rule.attributes.get("pattern") ?? "";
  const literal = /^\/(.+)\/(.*)$/.exec(pattern);
  const found = hasMark(about.text) || hasMark(pattern) ? undefined : matched(about.text, literal?.[1] ?? pattern, literal?.[2]);
  if (found === undefined)
    return { value: affixed(setting.unknown({ source: `what ${pattern} matches`, atoms: [] }), rule, setting), latest: true, maybe: true };
  const group = found?.[Number(rule.attributes.get("group") ?? "0")];
  return group === undefined ? undefined : { value: affixed(group, rule, setting), latest: true, maybe: about.maybe };
}

const EVENTS: Readonly<Record<string, SeenRef["kind"]>> = { branch: "branch", tag: "tag", pr: "pull" };

function byRef(rule: TagRule, setting: TagSetting): Made | undefined {
  const wanted = EVENTS[rule.attributes.get("event") ?? ""];
  const { kind, name } = setting.ref;
  if (kind !== undefined && kind !== wanted) return undefined;
  return { value: affixed(name, rule, setting, wanted === "pull" ? "pr-" : undefined), latest: wanted === "tag", maybe: kind === undefined };
}

function byBranch(rule: TagRule, setting: TagSetting): Made | undefined {
  const { kind, name, defaultBranch } = setting.ref;
  if (kind !== undefined && kind !== "branch") return undefined;
  const given = rule.attributes.get("branch") ?? "";
  const branch = given === "" ? defaultBranch : given;
  const known = kind === "branch" && branch !== undefined && !hasMark(branch) && !hasMark(name);
  if (known && branch !== name) return undefined;
  return { value: affixed("edge", rule, setting), latest: false, maybe: !known };
}

/** With the rule's own prefix and suffix, or else the flavor's. */
function affixed(value: string, { attributes }: TagRule, setting: TagSetting, prefix?: string): string {
  const before = attributes.get("prefix") ?? prefix ?? setting.flavor.prefix;
  const after = attributes.get("suffix") ?? setting.flavor.suffix;
  return `${globals(before, setting)}${value}${globals(after, setting)}`;
}

const sha = ({ unknown }: TagSetting, long: boolean): string => unknown({ source: long ? "github.sha" : "the short github.sha", atoms: [] });

/** `{{branch}}`, `{{date …}}` and the like, which every attribute may hold. */
export function globals(template: string, setting: TagSetting): string {
  if (!template.includes("{{")) return template;
  const { ref, unknown } = setting;
  return filledIn(template, (name, words) => {
    switch (name) {
      case "branch":
      case "tag":
        return ref.kind === name || ref.kind === undefined ? ref.name : "";
      case "sha":
        return sha(setting, false);
      case "base_ref":
        return ref.kind === "branch" ? "" : unknown({ source: "github.base_ref", atoms: [] });
      case "date":
      case "commit_date":
        return unknown({ source: `${name} ${words.join(" ")}`.trim(), atoms: [] });
      case "is_default_branch":
        return onDefaultBranch(setting, "true", "false");
      case "is_not_default_branch":
        return onDefaultBranch(setting, "false", "true");
      default:
        return undefined;
    }
  });
}

/** Events that always run for the default branch, whatever the ref is called. */
const OF_DEFAULT_BRANCH = /create|discussion|issues|schedule/;

function onDefaultBranch({ ref, unknown }: TagSetting, yes: string, no: string): string {
  if (ref.event !== undefined && OF_DEFAULT_BRANCH.test(ref.event)) return yes;
  if (ref.kind === "tag" || ref.kind === "pull") return no;
  if (ref.kind === "branch" && ref.defaultBranch !== undefined && !hasMark(ref.name)) return ref.name === ref.defaultBranch ? yes : no;
  return unknown({ source: "github.ref_name == github.event.repository.default_branch", atoms: [] });
}
