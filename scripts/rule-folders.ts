import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { byCodeUnit } from "../src/core/order.ts";

/** In the order of pages. */
export const RULE_GROUPS = ["builder", "emulation", "dockerfile", "workflow", "registry", "image", "cache", "release", "bake"] as const;

/** A rule as it lies on disk. */
export interface RuleFolder {
  readonly group: (typeof RULE_GROUPS)[number];
  readonly id: string;
  readonly folder: string;
}

/** Every rule, by group and name. */
export function ruleFolders(root: string): readonly RuleFolder[] {
  return RULE_GROUPS.flatMap((group) => {
    const at = join(root, "src/rules", group);
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

/** The rule of a folder, loaded. */
export async function loadRule(rule: RuleFolder): Promise<import("../src/rules/rule.ts").Rule> {
  const module = (await import(join(rule.folder, "rule.ts"))) as { readonly rule?: import("../src/rules/rule.ts").Rule };
  if (module.rule === undefined) throw new Error(`${basename(rule.folder)}/rule.ts exports no rule`);
  return module.rule;
}
