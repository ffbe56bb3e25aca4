import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { byCodeUnit } from "../src/core/order.ts";
import type { Rule } from "../src/rules/rule.ts";
import { IMAGE_RULE_GROUPS } from "../src/verify/rule.ts";

/** In the order of pages. */
export const RULE_GROUPS = ["builder", "emulation", "dockerfile", "workflow", "registry", "image", "cache", "release", "bake"] as const;

/** Where rules of one kind lie: a folder a group, in it a folder a rule. */
export interface RuleRoot {
  /** From the project's root. */
  readonly at: string;
  readonly groups: readonly string[];
}

/** What `doctor` asks. */
export const RULE_ROOT: RuleRoot = { at: "src/rules", groups: RULE_GROUPS };
/** What `verify` asks. */
export const IMAGE_RULE_ROOT: RuleRoot = { at: "src/verify/rules", groups: IMAGE_RULE_GROUPS };

/** A rule as it lies on disk. */
export interface RuleFolder {
  readonly group: string;
  readonly id: string;
  readonly folder: string;
}

/** Every rule, by group and name. */
export function ruleFolders(root: string, { at: place, groups }: RuleRoot = RULE_ROOT): readonly RuleFolder[] {
  return groups.flatMap((group) => {
    const at = join(root, place, group);
    const names = existsSync(at) ? readdirSync(at).sort(byCodeUnit) : [];
    return names.filter((id) => existsSync(join(at, id, "rule.ts"))).map((id) => ({ group, id, folder: join(at, id) }));
  });
}

/** Headings of a rule's page, and the texts below them, in order. */
export function sectionsOf(rule: RuleFolder): ReadonlyMap<string, string> {
  const path = join(rule.folder, "doc.md");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section): [string, string] => {
        const [heading = "", ...rest] = section.split("\n");
        return [heading.trim(), rest.join("\n").trim()];
      }),
  );
}

/** Folders of groups in which there is no rule. */
export function bareFolders(root: string, { at: place, groups }: RuleRoot): readonly string[] {
  return groups.flatMap((group) => {
    const at = join(root, place, group);
    const entries = existsSync(at) ? readdirSync(at, { withFileTypes: true }) : [];
    return entries.filter((entry) => entry.isDirectory() && !existsSync(join(at, entry.name, "rule.ts"))).map((entry) => entry.name);
  });
}

/** The rule of a folder, loaded. */
export async function loadRule<R = Rule>(rule: RuleFolder): Promise<R> {
  const module = (await import(join(rule.folder, "rule.ts"))) as { readonly rule?: R };
  if (module.rule === undefined) throw new Error(`${basename(rule.folder)}/rule.ts exports no rule`);
  return module.rule;
}
