import { FAILURE_GROUPS, type Failure, failures } from "../src/facts/failures.ts";
import type { Rule, RuleMeta } from "../src/rules/rule.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** `docs/failures.md`: every known failure with the rule that finds it beforehand, or why none does. */
export function failuresPage(note: string, rules: readonly Rule[]): string {
  const rulesOf: RulesOf = (id) => rules.filter(({ meta }) => meta.covers.includes(id)).map(({ meta }) => meta);
  const all = [...failures().values()];
  const covered = all.filter(({ id }) => rulesOf(id).length > 0).length;
  const told = all.filter(({ signatures }) => signatures.length > 0).length;
  const head = [
    `The catalogue of known failures (\`data/failures.json\`): ${all.length} entries. \`multihull doctor\` finds ${covered} of them beforehand, by the rules named here;`,
    `\`multihull explain\` knows ${told} by what they print. \`fail\` stops the job, \`silent\` publishes something wrong, \`slow\` wastes time, \`warn\` only tells.`,
  ].join("\n");
  return `${["# Known failures", note, head, ...Object.keys(FAILURE_GROUPS).map((group) => groupText(group, all, rulesOf))].join("\n\n")}\n`;
}

type RulesOf = (failure: string) => readonly Pick<RuleMeta, "id" | "online">[];

function groupText(group: string, all: readonly Failure[], rulesOf: RulesOf): string {
  const rows = all
    .filter((failure) => failure.group === group)
    .map(
      (failure) =>
        `| ${cell(failure.title)}<br>\`${failure.id}\` | ${failure.kind} | ${foundBy(failure, rulesOf(failure.id))} | ${failure.signatures.length > 0 ? "yes" : ""} |`,
    );
  const name = FAILURE_GROUPS[group as Failure["group"]];
  return [`## ${group}. ${name}`, "", "| failure | kind | found beforehand by | in logs |", "|---|---|---|---|", ...rows].join("\n");
}

function foundBy({ undecided }: Failure, rules: ReturnType<RulesOf>): string {
  if (rules.length > 0) return rules.map(({ id, online }) => `[${id}](rules/${id}.md)${online === true ? " with `--online`" : ""}`).join(", ");
  return undecided === undefined ? "no rule yet" : `none: ${cell(undecided.why)}`;
}
