import { CONFIG_FILE } from "../src/findings/config.ts";
import { OWN_RULES } from "../src/findings/own-rules.ts";
import type { Rule } from "../src/rules/rule.ts";
import { loadRule, RULE_GROUPS, type RuleFolder, ruleFolders } from "./rule-folders.ts";
import { capitalised, cell, NOTE, registryText, sectionsText } from "./rule-texts.ts";

const FIX: Readonly<Record<Rule["meta"]["fix"], string>> = { none: "no", sometimes: "where it can", always: "yes" };

/** What follows from the folders of the rules: texts by path. */
export async function rulePages(root: string): Promise<ReadonlyMap<string, string>> {
  const rules = await Promise.all(ruleFolders(root).map(async (folder) => ({ folder, rule: await loadRule(folder) })));
  const pages = rules.map(({ folder, rule }): [string, string] => [`docs/rules/${folder.id}.md`, pageOf(folder, rule)]);
  const registry = registryText(
    rules.map(({ folder }) => folder),
    { name: "RULES", type: "Rule", below: "." },
  );
  return new Map([["src/rules/registry.ts", registry], ["docs/rules.md", indexOf(rules)], ...pages]);
}

function indexOf(rules: readonly { readonly folder: RuleFolder; readonly rule: Rule }[]): string {
  const tables = RULE_GROUPS.flatMap((group) => {
    const rows = rules
      .filter(({ folder }) => folder.group === group)
      .map(
        ({ rule: { meta } }) => `| [\`${meta.id}\`](rules/${meta.id}.md) | ${cell(meta.summary)} | ${meta.severity} | ${meta.confidence} | ${FIX[meta.fix]} |`,
      );
    if (rows.length === 0) return [];
    return [`## ${group}`, ["| rule | what it finds | severity | confidence | fix |", "|---|---|---|---|---|", ...rows].join("\n")];
  });
  const own = OWN_RULES.map(({ id, summary }) => `<a id="${id}"></a>\`${id}\`: ${summary}.`);
  const ignoring = [
    "A finding is silenced by a comment on its line, or on a line of its own above it, in workflows, Dockerfiles, Makefiles and bake files:",
    "```yaml\n# multihull: ignore RULE[, RULE] -- why\n```",
    `or for whole files in \`${CONFIG_FILE}\` at the repository's root:`,
    "```yaml\nignore:\n  - rule: RULE\n    path: docker/**\n    reason: why\nfail-on: warning\n```",
    "`path` is a pattern (`*` and `?` within a name, `**` for any folders; a folder's name is all that is in it); without it the whole repository is meant. `fail-on` is the lowest severity that makes `doctor` end with status 1; `--fail-on` goes before it. An ignore without a reason, one that silences nothing, and one of a rule that does not exist are told by the rule `ignore`.",
  ];
  return `${[
    "# Rules",
    `<!-- ${NOTE} -->`,
    "What `multihull doctor` looks for. Severity is how bad it is when it is true, confidence how sure we are that it is; a finding may be milder or less sure than its rule, where it says so.",
    ...tables,
    "## Without a simulation",
    own.join("\n\n"),
    "## Ignoring",
    ...ignoring,
  ].join("\n\n")}\n`;
}

function pageOf(folder: RuleFolder, { meta }: Rule): string {
  const head = `${capitalised(meta.summary)}. Severity ${meta.severity}, confidence ${meta.confidence}, fix: ${FIX[meta.fix]}.`;
  return `${[`# ${meta.id}`, `<!-- ${NOTE} -->`, head, sectionsText(folder)].join("\n\n")}\n`;
}
