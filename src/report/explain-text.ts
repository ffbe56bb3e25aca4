import { countText } from "../core/quantity.ts";
import { type Place, positionOf } from "../core/span.ts";
import type { ExplainReport, InRepository } from "../explain/explain-report.ts";
import type { Cause, ExplainedFailure, Explanation, LogLine, Where } from "../explain/explanation.ts";
import { clean } from "./clean.ts";
import { fixCommand } from "./findings/sentences.ts";

/** An explained log, for people. */
export function explainText({ log, explanation, inRepository }: ExplainReport): string {
  const { failures, notices } = explanation;
  const sections = [
    headText(log, explanation),
    ...failures.map((failure, i) => failureText(failure, inRepository[i], i > 0)),
    ...(explanation.errors.length > 0 ? [linesText("lines that look like errors:", explanation.errors)] : []),
    ...(explanation.tail.length > 0 ? [linesText("its last lines:", explanation.tail)] : []),
    ...(notices.length > 0 ? [noticesText(notices)] : []),
  ];
  return eachClean(sections.join("\n\n"));
}

function headText(log: string, { verdict, failures, log: facts }: Explanation): string {
  const name = log === "-" ? "standard input" : log;
  const size = countText(facts.lines, "line");
  if (verdict === "unknown") return `${name} (${size}): no failure that we know is in this log`;
  if (verdict === "noticed") return `${name} (${size}): nothing failed that we know, but see the warnings`;
  return `${name} (${size}): ${failures.length === 1 ? "one known failure" : `${failures.length} known failures, the first of which counts`}`;
}

function failureText(failure: ExplainedFailure, here: InRepository | undefined, follows: boolean): string {
  const [best, ...others] = failure.causes as [Cause, ...Cause[]];
  return [
    `${follows ? "then: " : ""}${best.title} [${best.id}, ${best.confidence}]`,
    ...failure.lines.map((line) => `  ${line.number} | ${line.text}`),
    ...[...whereLines(failure.where), ...stepLines(here)].map((line) => `  ${line}`),
    ...best.because.map((sentence) => `  because: ${sentence}`),
    // The files tell the cause: what it could have been besides is of no use then.
    ...findingLines(here).map((line) => `  ${line}`),
    `  cause: ${best.cause}`,
    ...best.remedies.map((remedy, i) => `  ${i === 0 ? "help:" : "  or:"} ${remedy}`),
    ...(others.length === 0 || (here?.findings ?? []).length > 0 ? [] : ["  it may also be:", ...others.map(otherText)]),
  ].join("\n");
}

const otherText = ({ id, title, apart, because }: Cause): string =>
  `    - ${title} [${id}]${apart === undefined ? "" : `, if ${apart}`}${because.length === 0 ? "" : ` (${because.join("; ")})`}`;

function whereLines({ job, step, target, platform, stage, instruction, source, exitCode }: Where): string[] {
  const build = [target && `target ${target}`, platform, stage && `stage ${stage}`, instruction].filter((part) => part !== undefined);
  return [
    ...(job === undefined ? [] : [`job: ${job}`]),
    ...(step === undefined ? [] : [`step: ${step.name} (line ${step.line})`]),
    ...(build.length === 0 ? [] : [`at: ${build.join(", ")}`]),
    ...(source === undefined ? [] : [`in: ${source.file}:${source.line}`]),
    ...(exitCode === undefined ? [] : [`exit status: ${exitCode}`]),
  ];
}

const stepLines = (here: InRepository | undefined): string[] =>
  (here?.steps ?? []).map(({ job, place }) => `in the repository: ${placeText(place)} (job ${job})`);

function findingLines(here: InRepository | undefined): string[] {
  return (here?.findings ?? []).flatMap((finding) => [
    `doctor finds: ${finding.message} [${finding.rule}] at ${placeText(finding.place)}`,
    ...finding.remedies.map((remedy) => {
      const command = fixCommand(finding, remedy);
      return command === undefined ? `  advice: ${remedy.title}` : `  fix: ${remedy.title} (${command})`;
    }),
  ]);
}

const placeText = ({ file, span }: Place): string => `${file.name}:${positionOf(file, span.start).line}`;

const linesText = (head: string, lines: readonly LogLine[]): string => [head, ...lines.map(({ number, text }) => `  ${number} | ${text}`)].join("\n");

const noticesText = (notices: readonly ExplainedFailure[]): string =>
  ["warned of, beside that:", ...notices.map(({ causes: [best], lines: [line] }) => `  ${line?.number ?? 0} | ${best?.title} [${best?.id}]`)].join("\n");

/** Each line by itself: what a log holds cannot make lines of ours. */
const eachClean = (text: string): string => text.split("\n").map(clean).join("\n");
