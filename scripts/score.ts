// How well `doctor` predicts: over the pairs and wild files of a corpus (default ../shared/corpus, or the folder given).
//   before   each listed defect gets an error at its step (job, file) by a rule of its kind
//   after, wild   an error that is certain, and that the corpus does not list, is a false alarm
// Lists every miss and false alarm. Ends with status 1 when fewer than 97 % are found, or fewer than 97 % of certain errors are true.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { memoryFiles } from "../src/adapters/memory/repository-files.ts";
import { diagnose } from "../src/api/diagnose.ts";
import { loadGrammars } from "../src/api/grammars.ts";
import { positionOf } from "../src/core/span.ts";
import type { Finding } from "../src/findings/finding.ts";
import { readWorkflow } from "../src/workflow/read-workflow.ts";
import { type Pair, readPairs, readWild, type Sample } from "./score-corpus.ts";
import { JUDGED_TRUE, RULES_OF_KIND, RULES_OF_REMARK } from "./score-kinds.ts";

const GOAL = 0.97;
const corpus = process.argv[2] ?? process.env.MULTIHULL_CORPUS ?? join(import.meta.dirname, "../../shared/corpus");
if (!existsSync(join(corpus, "pairs"))) {
  console.log(`score: not run: there is no corpus at ${corpus}`);
  process.exit(0);
}
const grammars = await loadGrammars();

interface Count {
  defects: number;
  found: number;
  trueErrors: number;
  falseErrors: number;
}
const counts = new Map<string, Count>();
const countOf = (kind: string): Count => {
  const count = counts.get(kind) ?? { defects: 0, found: 0, trueErrors: 0, falseErrors: 0 };
  counts.set(kind, count);
  return count;
};
const kindOf = (rule: string): string => Object.entries(RULES_OF_KIND).find(([, rules]) => rules.includes(rule))?.[0] ?? rule;

function findingsIn(sample: Sample): readonly Finding[] {
  const isDockerfile = !/\.ya?ml$/.test(sample.path);
  const paths = isDockerfile ? undefined : [sample.path];
  return diagnose(memoryFiles(sample.files), grammars, { asOf: sample.asOf, paths, dockerfiles: isDockerfile ? [sample.path] : [] }).findings;
}

const where = ({ place }: Finding): string => `${place.file.name}:${positionOf(place.file, place.span.start).line}`;
const told = (finding: Finding): string => `${where(finding)} ${finding.severity} ${finding.confidence} ${finding.rule}: ${finding.message}`;

/** The places of a pair's defects: each wants an error in one of its stretches of the file, or in another file that the sample brings. */
function defectsOf(pair: Pair): readonly { readonly name: string; readonly holds: (finding: Finding) => boolean }[] {
  const { path, files } = pair.before;
  const inOwnFile = (finding: Finding): boolean => finding.place.file.name === path;
  if (!/\.ya?ml$/.test(path)) return [{ name: path, holds: inOwnFile }];
  const { workflow } = readWorkflow({ name: path, text: files[path] as string });
  const places = pair.steps.length > 0 ? pair.steps : pair.jobs.map((job) => ({ job, index: undefined }));
  return places.map(({ job: id, index }) => {
    const job = workflow?.jobs.find((one) => one.id.text === id);
    const span = (index === undefined ? job?.node : job?.steps[index]?.node)?.span;
    const within = ({ place }: Finding): boolean => span !== undefined && place.span.start >= span.start && place.span.start < span.end;
    return {
      name: `${id}${index === undefined ? "" : `, step ${index}`}`,
      holds: (finding) => (inOwnFile(finding) ? within(finding) : !path.endsWith(finding.place.file.name)),
    };
  });
}

const misses: string[] = [];
for (const pair of readPairs(corpus)) {
  const rules = [pair.kind, ...pair.alsoKinds].flatMap((kind) => RULES_OF_KIND[kind] ?? []);
  const findings = findingsIn(pair.before);
  const right = findings.filter((finding) => finding.severity === "error" && rules.includes(finding.rule));
  const count = countOf(pair.kind);
  count.defects++;
  const missed = defectsOf(pair).filter(({ holds }) => !right.some(holds));
  if (missed.length === 0) count.found++;
  else {
    const instead = findings.filter((finding) => !right.includes(finding)).map((finding) => `    instead: ${told(finding)}`);
    misses.push([`${pair.before.name} (${pair.kind}): nothing at ${missed.map(({ name }) => name).join("; ")}`, ...instead].join("\n"));
  }
  count.trueErrors += right.filter((finding) => finding.confidence === "certain").length;
}

const alarms: string[] = [];
const judged: string[] = [];
const unsure: string[] = [];
let excused = 0;
const samples = [...readPairs(corpus).map(({ after }) => after), ...readWild(corpus)];
for (const sample of samples) {
  const known = RULES_OF_REMARK.filter(([words]) => sample.remarks.some((remark) => words.test(remark))).flatMap(([, rules]) => rules);
  for (const finding of findingsIn(sample)) {
    if (finding.severity !== "error") continue;
    const judgement = JUDGED_TRUE.find(
      ({ rule, message, sample: of }) => rule === finding.rule && message.test(finding.message) && (of === undefined || of.test(sample.name)),
    );
    if (finding.confidence !== "certain") {
      if (finding.confidence === "likely") unsure.push(`${sample.name}: ${told(finding)}`);
      continue;
    }
    if (known.includes(finding.rule) || judgement !== undefined) {
      if (judgement === undefined) excused++;
      else judged.push(`${sample.name}: ${told(finding)}\n    true: ${judgement.reason}`);
      continue;
    }
    countOf(kindOf(finding.rule)).falseErrors++;
    alarms.push(`${sample.name}: ${told(finding)}`);
  }
}

const share = (part: number, whole: number): string => (whole === 0 ? "-" : `${((part / whole) * 100).toFixed(1)} %`);
const rows = [...counts].map(([kind, c]) => [
  kind,
  `${c.found}/${c.defects}`,
  share(c.found, c.defects),
  share(c.trueErrors, c.trueErrors + c.falseErrors),
  String(c.falseErrors),
]);
const sum = (of: (count: Count) => number): number => [...counts.values()].reduce((total, count) => total + of(count), 0);
const [found, defects, trueErrors, falseErrors] = [sum((c) => c.found), sum((c) => c.defects), sum((c) => c.trueErrors), sum((c) => c.falseErrors)];
const table = [
  ["kind", "found", "recall", "precision", "false alarms"],
  ...rows,
  ["all", `${found}/${defects}`, share(found, defects), share(trueErrors, trueErrors + falseErrors), String(falseErrors)],
];
const widths = (table[0] as string[]).map((_, i) => Math.max(...table.map((row) => (row[i] as string).length)));
for (const row of table) console.log(row.map((word, i) => (i === 0 ? word.padEnd(widths[i] as number) : word.padStart(widths[i] as number))).join("  "));
console.log(`\n${samples.length} files without a listed defect; ${excused} certain errors there that the corpus lists`);
const list = (title: string, lines: readonly string[]): void => {
  if (lines.length > 0) console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
};
list("missed", misses);
list("false alarms", alarms);
list("certain errors that the corpus does not list, and that are true", judged);
list("errors that are only likely, on files without a listed defect", unsure);
process.exitCode = found / defects >= GOAL && trueErrors / Math.max(1, trueErrors + falseErrors) >= GOAL ? 0 : 1;
